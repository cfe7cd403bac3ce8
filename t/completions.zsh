# Prints what zsh offers for a command line: zsh -f completions.zsh FOLDER LINE
#
# An interactive zsh in a pseudo-terminal gets the line and a tab; its compadd
# is replaced by one that writes the words that match to a file.
zmodload zsh/zpty
cd ${TMPDIR:-/tmp}
found=$(mktemp) dump=$(mktemp -u)

zpty shell zsh -f -i
zpty -w shell "
PS1=READY; unset zle_bracketed_paste; stty -echo
fpath=($1 \$fpath)
autoload -Uz compinit && compinit -u -D
compadd() {
  local -a __found
  if [[ \${@[1,(i)(-|--)]} != *(-O|-A|-D)* ]]; then
    builtin compadd -A __found \"\$@\"
    print -rl -- \$__found >>$found
  fi
  builtin compadd \"\$@\"
}
offer() { zle complete-word; print done >$dump }
zle -N offer
bindkey '^I' offer
print PRE''PARED"
zpty -r shell output '*PREPARED*'
zpty -w -n shell "$2"$'\t'
for ((i = 0; i < 500; i++)); do
  [[ -e $dump ]] && break
  sleep 0.02
done
zpty -d shell
sort -u $found | grep .
rm -f $found $dump
