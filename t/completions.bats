# Completion offers what the tools offer, and the names that the spool holds.
load helper

setup() {
  fresh_spool
  mq-topic create jobs
  mq-topic create logs
  mq-put -m x jobs
  mq-get -g mail jobs >/dev/null
  mq-topic create -C other elsewhere
}

# What bash offers for these words, the last one begun.
offered_by_bash() {
  bash -c '
    source "$0/completions/mq.bash"
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _mq
    printf "%s\n" "${COMPREPLY[@]}"' "$repository" "$@" | sort
}

skip_without_zsh() {
  skip_without zsh
  [ -e /dev/pts/ptmx ] || skip "no pseudo terminals for zsh here"
}

offered_by_zsh() {
  TMPDIR=$BATS_TEST_TMPDIR zsh -f "$BATS_TEST_DIRNAME/completions.zsh" \
    "$repository/completions" "$1" 3>&- | sort
}

offered_by_fish() {
  fish -c '
    source $argv[1]/completions/mq.fish
    complete -C $argv[2]' "$repository" "$1" 3>&- | cut -f 1 | sort
}

options_of() {
  "$1" --option-table | tail -n +2 | cut -f 1,2 | tr '\t' '\n' | grep . | sort
}

@test "bash offers live topics and groups, in the spool that -C names" {
  run offered_by_bash mq-get ''
  assert_output $'jobs\nlogs'
  run offered_by_bash mq-get -g ''
  assert_output mail
  run offered_by_bash mq-get -C other ''
  assert_output elsewhere
  run offered_by_bash mq get -F j
  assert_output jobs
}

@test "bash offers options, choices and subcommands from the tables" {
  for tool in mq-put mq-get mq-topic; do
    run offered_by_bash "$tool" -
    assert_output "$(options_of "$tool")"
  done
  run offered_by_bash mq-put -z s
  assert_output snappy
  run offered_by_bash mq-get --order = k
  assert_output key
  run offered_by_bash mq-topic c
  assert_output create
  run offered_by_bash mq pu
  assert_output put
}

@test "bash offers commands behind --" {
  run offered_by_bash mq-get -g g jobs -- mq-pu
  assert_output mq-put
}

@test "zsh offers live topics and groups, in the spool that -C names" {
  skip_without_zsh
  run offered_by_zsh 'mq-get '
  assert_output $'jobs\nlogs'
  run offered_by_zsh 'mq-get -g '
  assert_output mail
  run offered_by_zsh "mq-get -C $PWD/other "
  assert_output elsewhere
  run offered_by_zsh 'mq get -F j'
  assert_output jobs
}

@test "zsh offers options, choices and subcommands from the tables" {
  skip_without_zsh
  for tool in mq-put mq-get mq-topic; do
    run offered_by_zsh "$tool -"
    assert_output "$(options_of "$tool")"
  done
  run offered_by_zsh 'mq-put -z s'
  assert_output snappy
  run offered_by_zsh 'mq-get --order=k'
  assert_output key
  run offered_by_zsh 'mq-topic c'
  assert_output create
  run offered_by_zsh 'mq pu'
  assert_output put
}

@test "fish offers live topics and groups, in the spool that -C names" {
  skip_without fish
  run offered_by_fish 'mq-get '
  assert_output $'jobs\nlogs'
  run offered_by_fish 'mq-get -g '
  assert_output mail
  run offered_by_fish 'mq-get -C other '
  assert_output elsewhere
  run offered_by_fish 'mq get -F j'
  assert_output jobs
}

@test "fish offers options, choices and subcommands from the tables" {
  skip_without fish
  for tool in mq-put mq-get mq-topic; do
    run offered_by_fish "$tool --"
    assert_output "$(options_of "$tool" | grep ^--)"
  done
  run offered_by_fish 'mq-put -z s'
  assert_output snappy
  run offered_by_fish 'mq-get --order=k'
  assert_output --order=key
  run offered_by_fish 'mq-topic c'
  assert_output create
  run offered_by_fish 'mq pu'
  assert_output put
}

@test "completion covers every tool" {
  local tools
  tools=$(cd "$repository/cmd" && ls mq-*.c | sed 's/\.c$//')
  for file in mq.bash _mq mq.fish; do
    run diff <(printf '%s\n' $tools) \
      <(grep -oE '\bmq-[a-z]+' "$repository/completions/$file" | sort -u)
    assert_output ""
  done
}
