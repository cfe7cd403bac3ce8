# Configuration comes in layers, and what is wrong with one is named by line.
load helper

# The value and origin of a key, as mq config shows them.
value_of() {
  mq-config --list | grep "^$1=" | cut -d= -f2-
}

origin_of() {
  mq-config --list --show-origin | grep "	$1=" | cut -f1
}

spool_says() {
  mkdir -p -m 700 "$MQ_SPOOL"
  printf '%s\n' "$@" >"$MQ_SPOOL/mq.yaml"
}

user_says() {
  mkdir -p "$XDG_CONFIG_HOME/mq"
  printf '%s\n' "$@" >"$XDG_CONFIG_HOME/mq/mq.yaml"
}

@test "without any file every key has its default" {
  run --separate-stderr mq-config
  [ "$status" -eq 0 ]
  [ "$(value_of auto.create.topics)" = true ]
  [ "$(value_of topic.mq.sync)" = always ]
  [ "$(origin_of topic.partitions)" = default ]
}

@test "the spool wins over the user, and each value tells where it is from" {
  user_says 'topic:' '  partitions: 2' '  mq.lease: 1m'
  spool_says 'auto.create.topics: false' 'topic:' '  partitions: 4'
  [ "$(value_of topic.partitions)" = 4 ]
  [ "$(value_of topic.mq.lease)" = 1m ]
  [ "$(origin_of topic.partitions)" = "$MQ_SPOOL/mq.yaml" ]
  [ "$(origin_of topic.mq.lease)" = "$XDG_CONFIG_HOME/mq/mq.yaml" ]
  [ "$(origin_of auto.create.topics)" = "$MQ_SPOOL/mq.yaml" ]
}

@test "the user's file may be in ~/.config, and a symbolic link" {
  unset XDG_CONFIG_HOME
  mkdir -p "$HOME/.config/mq" "$HOME/dotfiles"
  echo 'topic: {partitions: 3}' >"$HOME/dotfiles/mq-settings"
  ln -s "$HOME/dotfiles/mq-settings" "$HOME/.config/mq/mq.yaml"
  [ "$(value_of topic.partitions)" = 3 ]
}

@test "an unknown key, a doubled key and a bad value are refused with file and line" {
  for bad in 'colour: red' 'topic.partitions: 1' 'auto.create.topics: maybe'; do
    spool_says '# mq' "$bad"
    run --separate-stderr mq-config
    [ "$status" -eq 78 ]
    [ -z "$output" ]
    assert_stderr "$MQ_SPOOL/mq.yaml:2: "
  done
  spool_says 'topic:' '  mq.sync: always' '  mq.sync: always'
  run --separate-stderr mq-config
  [ "$status" -eq 78 ]
  assert_stderr "$MQ_SPOOL/mq.yaml:3: "
}

@test "nesting, lists, scalars, damage and other sections are refused with file and line" {
  for bad in 'topic: 3' 'topic: [1, 2]' 'other: {}' 'topic: {partitions: {a: 1}}' \
    '- a' 'just words' 'a: b: c' $'a:\tb\n\t- "'; do
    spool_says "$bad"
    run --separate-stderr mq-config
    [ "$status" -eq 78 ]
    assert_stderr "$MQ_SPOOL/mq.yaml:"
  done
}

@test "a bad file stops every tool that uses the spool" {
  spool_says 'colour: red'
  run --separate-stderr mq-topic create jobs
  [ "$status" -eq 78 ]
  assert_stderr "$MQ_SPOOL/mq.yaml:1: unknown key 'colour'"
}

@test "the spool's file is not followed if it is a symbolic link or a FIFO" {
  spool_says 'auto.create.topics: false'
  mv "$MQ_SPOOL/mq.yaml" elsewhere
  ln -s "$PWD/elsewhere" "$MQ_SPOOL/mq.yaml"
  run --separate-stderr mq-config
  [ "$status" -eq 77 ]
  assert_stderr "symbolic link"
  rm "$MQ_SPOOL/mq.yaml"
  mkfifo "$MQ_SPOOL/mq.yaml"
  run --separate-stderr timeout 10 mq-config
  [ "$status" -eq 77 ]
  assert_stderr "not a regular file"
}

@test "a file of more than 64 KiB is refused" {
  spool_says "# $(head -c 70000 /dev/zero | tr '\0' x)"
  run --separate-stderr mq-config
  [ "$status" -eq 78 ]
  assert_stderr "$MQ_SPOOL/mq.yaml"
}

@test "topics made from now on begin with the defaults of mq.yaml" {
  spool_says 'topic:' '  partitions: 3' '  mq.sync: never'
  mq-topic create jobs
  grep -qx 'partitions: 3' "$MQ_SPOOL/topics/jobs/topic.yaml"
  grep -qx 'mq.sync: never' "$MQ_SPOOL/topics/jobs/topic.yaml"
  mq-topic create -p 1 -X mq.sync=always other
  grep -qx 'partitions: 1' "$MQ_SPOOL/topics/other/topic.yaml"
  ! grep -q mq.sync "$MQ_SPOOL/topics/other/topic.yaml"
}

@test "a put makes the topic that it misses, unless auto.create.topics is off" {
  spool_says 'auto.create.topics: false'
  run --separate-stderr mq-put -m x jobs
  [ "$status" -eq 66 ]
  assert_stderr "auto.create.topics"
  spool_says 'auto.create.topics: on'
  mq-put -m x jobs
  run mq-topic list
  assert_output jobs
}

@test "mq config --keys explains every key, and mq.yaml(5) has each with its default" {
  page=$repository/share/man/mq.yaml.5
  mq-config --keys | cut -f 1,3 | while IFS=$'\t' read -r key help; do
    grep -qx "\.It Ic ${key#topic.}" "$page" || { echo "$key" >&2; return 1; }
    default=${help##*(}
    default=${default%)}
    sed -n "/^\.It Ic ${key#topic.}$/,/^\.It Ic /p" "$page" | tr '\n' ' ' |
      grep -qiE "default: (the topic's name|$default[. ])" ||
      { echo "$key: $default" >&2; return 1; }
  done
}
