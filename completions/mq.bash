# Completion of mq and its tools for bash. It asks the tools: options come from
# their tables (--option-table), names of topics and groups from the spool.

# Prints what may stand where the table says $1, for the word begun as $2.
_mq_candidates() {
  local spool=()
  [ -z "$_mq_spool" ] || spool=(-C "$_mq_spool")
  case $1 in
    @topic) compgen -W "$(mq-topic list "${spool[@]}" 2>/dev/null)" -- "$2" ;;
    @group) compgen -W "$(mq-group list -j "${spool[@]}" 2>/dev/null |
      sed 's/^{"group":"\([^"]*\)".*/\1/')" -- "$2" ;;
    @file) compgen -f -- "$2" ;;
    @directory) compgen -d -- "$2" ;;
    ?*) compgen -W "${1//|/$'\n'}" -- "$2" ;;
  esac
}

# The row of the table ($1) for an option as written, -x or --name.
_mq_row() {
  awk -F '\t' -v option="$2" \
    'NR > 1 && ($1 == option || $2 == option) { print; exit }' <<<"$1"
}

_mq() {
  local current=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]:0:COMP_CWORD}")
  local tool=${words[0]##*/} table word row pending= operands=0 _mq_spool= IFS=$'\n'
  local head letter name argument complete rest
  if [ "$tool" = mq ]; then
    if [ "$COMP_CWORD" -eq 1 ]; then
      COMPREPLY=($(compgen -W "help"$'\n'"$(compgen -c mq- | sed 's/^mq-//' | sort -u)" -- "$current"))
      return
    fi
    tool=mq-${words[1]}
    words=("${words[@]:1}")
  fi
  table=$("$tool" --option-table 2>/dev/null) || return
  IFS=$'\037' read -r _ _ complete rest _ < <(head -n 1 <<<"$table" | tr '\t' '\037')

  # The words before say what this one is: an option's argument or an operand.
  for word in "${words[@]:1}"; do
    if [ "$word" = = ]; then
      continue
    elif [ -n "$pending" ]; then
      case $pending in -C | --directory) _mq_spool=$word ;; esac
      pending=
    elif [ "$word" = -- ]; then
      COMPREPLY=($(compgen -c -- "$current" | sort -u) $(compgen -f -- "$current"))
      return
    elif [[ $word == -?* ]]; then
      row=$(_mq_row "$table" "$word")
      IFS=$'\037' read -r _ _ argument _ < <(tr '\t' '\037' <<<"$row")
      [[ -z $argument || $argument == \[* ]] || pending=$word
    else
      operands=$((operands + 1))
    fi
  done

  [ "$current" != = ] || current=
  if [ -z "$pending" ] && [[ ${words[-1]} == = || ${COMP_WORDS[COMP_CWORD]} == = ]]; then
    pending=${words[-2]} # --name=[begun], an optional argument
    [ "${words[-1]}" = = ] || pending=${words[-1]}
  fi
  if [ -n "$pending" ]; then
    row=$(_mq_row "$table" "$pending")
    IFS=$'\037' read -r _ _ _ complete _ < <(tr '\t' '\037' <<<"$row")
    COMPREPLY=($(_mq_candidates "$complete" "$current"))
  elif [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$(tail -n +2 <<<"$table" | cut -f 1,2 | tr '\t' '\n')" -- "$current"))
  elif [ -n "$rest" ] && [ "$operands" -eq 0 ]; then
    COMPREPLY=($(_mq_candidates "$rest" "$current"))
  else
    COMPREPLY=($(_mq_candidates "$complete" "$current"))
  fi
}

complete -F _mq mq mq-ack mq-bench mq-config mq-dead mq-fsck mq-get mq-group \
  mq-put mq-serve mq-stat mq-topic
