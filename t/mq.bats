# mq runs mq-COMMAND and says which commands there are.
load helper

@test "mq COMMAND runs the tool beside it, with its arguments as they are" {
  run --separate-stderr mq config --list
  [ "$status" -eq 0 ]
  assert_output "$(mq-config --list)"
  run --separate-stderr mq config --no-such-option
  [ "$status" -eq 64 ]
  assert_stderr "mq-config: "
}

@test "mq finds its tools when it is not in PATH itself" {
  mq=$(command -v mq)
  PATH=/usr/bin:/bin run "$mq" config
  [ "$status" -eq 0 ]
}

@test "mq COMMAND runs mq-COMMAND of PATH too, options and all" {
  mkdir bin
  printf '#!/bin/sh\nprintf "%%s\\n" "$@"\nexit 7\n' >bin/mq-hello
  chmod +x bin/mq-hello
  PATH=$PATH:$PWD/bin run --separate-stderr mq hello -x --help 'a b'
  [ "$status" -eq 7 ]
  assert_output $'-x\n--help\na b'
}

@test "an unknown command exits 64 and says what was probably meant" {
  run --separate-stderr mq confg
  [ "$status" -eq 64 ]
  [ -z "$output" ]
  assert_stderr "did you mean 'config'?"
  run --separate-stderr mq xyzzy-plugh
  [ "$status" -eq 64 ]
  assert_stderr "mq help"
  for name in ../mq . '' a/b; do
    run --separate-stderr mq "$name"
    [ "$status" -eq 64 ]
  done
}

@test "mq alone exits 64" {
  run --separate-stderr mq
  [ "$status" -eq 64 ]
  [ -z "$output" ]
}

@test "mq help lists every tool with its summary, and those of PATH by name" {
  mkdir bin
  printf '#!/bin/sh\ntouch "%s/was-run"\n' "$PWD" >bin/mq-hello
  chmod +x bin/mq-hello
  PATH=$PATH:$PWD/bin run --separate-stderr mq help
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  for tool in "$build"/bin/mq-*; do
    summary=$("$tool" --option-table | head -n 1 | awk -F '\t' '{print $NF}')
    [ -n "$summary" ]
    [[ $output == *"  ${tool##*/mq-} "*"$summary"* ]]
  done
  [[ $output == *"  hello "*"bin/mq-hello"* ]]
  [ ! -e was-run ]
}

@test "mq help COMMAND shows the manual, or the tool's own help where it has none" {
  mkdir bin
  printf '#!/bin/sh\nexit 16\n' >bin/man
  chmod +x bin/man
  PATH=$PWD/bin:$PATH run --separate-stderr mq help config
  [ "$status" -eq 0 ]
  assert_output "$(mq-config --help)"
  printf '#!/bin/sh\n[ "$1" = -w ] || echo "manual of $1"\n' >bin/man
  PATH=$PWD/bin:$PATH run --separate-stderr mq help config
  assert_output "manual of mq-config"
  run --separate-stderr mq help no-such-command
  [ "$status" -eq 64 ]
}

@test "mq --version and every tool name the same version" {
  run --separate-stderr mq --version
  [ "$status" -eq 0 ]
  version=${output##* }
  for tool in "$build"/bin/mq-*; do
    run --separate-stderr "$tool" --version
    [ "$status" -eq 0 ]
    assert_output "${tool##*/} (mq) $version"
  done
}
