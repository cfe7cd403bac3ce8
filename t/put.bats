#!/usr/bin/env bats
# mq-put: every option, every kind of input, every way to end.
load helper

# Key, tag and value of each message, a line each.
listing() {
  mq-get -f '%k|%g|%v\n' "$@"
}

@test "a put makes spool and topic, stores the message and says nothing" {
  run -0 --separate-stderr mq-put -m hello greetings
  assert_output ''
  [ -z "$stderr" ]
  run -0 mq-get greetings
  assert_output hello
}

@test "-C names the spool, MQ_SPOOL is the default" {
  mq-put -C "$BATS_TEST_TMPDIR/other" -m there t
  [ "$(mq-get -C "$BATS_TEST_TMPDIR/other" t)" = there ]
  [ ! -e "$MQ_SPOOL" ]
}

@test "no spool and no topic is made where auto.create.topics is off" {
  mkdir -m 700 "$MQ_SPOOL"
  echo 'auto.create.topics: false' >"$MQ_SPOOL/mq.yaml"
  run -66 --separate-stderr mq-put -m x t
  assert_stderr t
  [ ! -e "$MQ_SPOOL/topics/t" ]
}

@test "-m is a message each time it is given, stdin is not read" {
  echo no | mq-put -m a -m '' -m $'b\nc' t
  run -0 mq-get --json t
  [ "${#lines[@]}" -eq 3 ]
  run -0 mq-get -D '|' t
  assert_output $'a||b\nc|'
}

@test "-k, -H and -t go to every message, headers in order and repeated" {
  mq-put -k key -t red -H a=1 -H b= -H a=2=3 -m one -m two t
  run -0 listing t
  assert_output $'key|red|one\nkey|red|two'
  run -0 mq-get -f '%h\n' -c 1 t
  assert_output 'mq.tag=red,a=1,b=,a=2=3'
}

@test "an empty key is a key, no key is none" {
  mq-put -k '' -m x t
  mq-put -m y t
  run -0 mq-get --json t
  [[ ${lines[0]} = *'"key":"",'* ]]
  [[ ${lines[1]} = *'"key":null,'* ]]
}

@test "-K takes the key from the message, up to the first delimiter" {
  printf 'k1:v1\nk2:v:2\n:v3\nk4:\n' | mq-put -K : t
  printf 'k5=>v5\n' | mq-put -K '=>' t
  printf 'k6\tv6\n' | mq-put -K '\t' t
  run -0 listing t
  assert_output $'k1||v1\nk2||v:2\n||v3\nk4||\nk5||v5\nk6||v6'
}

@test "a message without the key delimiter is bad input: what came before is stored, nothing after" {
  printf 'a:1\nb:2\nc3\nd:4\n' >in
  run -65 --separate-stderr mq-put -K : t <in
  assert_stderr 'message 3 has no key delimiter'
  assert_stderr '2 messages stored'
  run -0 listing t
  assert_output $'a||1\nb||2'
}

@test "-p puts into the partition, one that is not there is refused" {
  mq-topic create -p 3 t
  mq-put -p 2 -k x -m two t
  run -0 mq-get -p 2 t
  assert_output two
  run -66 --separate-stderr mq-put -p 3 -m x t
  assert_stderr 'partition 3'
  run -66 mq-put -p 99999999999 -m x t
}

@test "-z compresses, and the message comes back" {
  head -c 100000 /dev/zero >zeros
  for codec in none gzip snappy lz4 zstd; do
    mq-put -z $codec "t-$codec" zeros
    mq-get -1 "t-$codec" | cmp - zeros
    size=$(mq-get --framing=native "t-$codec" | wc -c)
    [ $codec = none ] || [ "$size" -lt 10000 ]
  done
  run -64 mq-put -z best -m x t
}

@test "--timestamp says the time: RFC 3339, @EPOCH or relative" {
  mq-put --timestamp 2024-02-29T12:00:00.5Z -m a t
  mq-put --timestamp @1700000000 -m b t
  mq-put --timestamp=-1h -m c t
  run -0 mq-get -c 2 -f '%d\n' t
  assert_output $'1709208000500\n1700000000000'
  age=$(($(date +%s) - $(mq-get -o 2 -f '%d\n' t) / 1000))
  [ "$age" -ge 3599 ] && [ "$age" -le 3660 ]
  run -64 mq-put --timestamp yesterday -m x t
  run -64 mq-put --timestamp 1960-01-01T00:00:00Z -m x t
}

@test "--batch N stores at most so many in one batch, --batch SIZE so many bytes" {
  seq 10 | mq-put --batch 3 t
  mq-get --framing=native t >native
  [ "$(mq-get --framing=native -c 1 t | wc -c)" -lt "$(wc -c <native)" ]
  seq 1000 | mq-put --batch 1K sized
  [ "$(mq-get sized | cksum)" = "$(seq 1000 | cksum)" ]
  run -64 mq-put --batch 0 -m x t
  run -64 mq-put --batch many -m x t
}

@test "-X sets what a topic that is made shall be, and changes none that is there" {
  mq-put -X partitions=3 -X mq.sync=never -m x t
  [ "$(ls -d "$MQ_SPOOL"/topics/t/[0-9] | wc -l)" -eq 3 ]
  grep -q 'mq.sync: never' "$MQ_SPOOL/topics/t/topic.yaml"
  mq-put -X partitions=5 -m x t
  [ "$(ls -d "$MQ_SPOOL"/topics/t/[0-9] | wc -l)" -eq 3 ]
  run -78 --separate-stderr mq-put -X no.such=1 -m x u
  assert_stderr no.such
  [ ! -e "$MQ_SPOOL/topics/u" ]
  run -64 mq-put -X partitions -m x u
}

@test "-v prints TOPIC:PARTITION:OFFSET of each message on stdout" {
  mq-put -m zero t
  run -0 --separate-stderr mq-put -v -m one -m two t
  assert_output $'t:0:1\nt:0:2'
}

@test "-T copies the input to stdout as it was read, to the byte" {
  printf 'a\n\nlast' | mq-put -T t >copy
  printf 'a\n\nlast' | cmp - copy
  printf '3:abc,0:,' | mq-put -T --framing=netstring u >copy
  printf '3:abc,0:,' | cmp - copy
  # Blank lines between JSON are no messages, whether read with one or not.
  printf '{"value":"a"}\n\n \n{"value":"b"}\n\n' | mq-put -T --json v >copy
  printf '{"value":"a"}\n{"value":"b"}\n' | cmp - copy
  run -0 --separate-stderr mq-put -T -v t <<<x
  assert_output x
  assert_stderr t:0:3
}

@test "-T ends by SIGPIPE when its reader has gone, and what was read is stored" {
  # the input never ends: only the reader's going can end the put
  mq-put -T -X mq.sync=never t < <(yes line) | head -n 1 >first &
  wait $!
  run bash -c 'yes line | mq-put -T -X mq.sync=never t | head -n 1; echo ${PIPESTATUS[1]}'
  assert_output $'line\n141'
  [ "$(mq-get t | sort -u)" = line ]
}

@test "--rate keeps to so many a second" {
  start=$(date +%s%N)
  seq 5 | mq-put --rate 20/s t
  [ $((($(date +%s%N) - start) / 1000000)) -ge 190 ]
  [ "$(count_of t)" -eq 5 ]
  run -64 mq-put --rate fast -m x t
  run -64 mq-put --rate 5/d -m x t
}

@test "--progress counts on stderr, and nothing else does" {
  run -0 --separate-stderr mq-put --progress -m x t
  assert_output ''
  assert_stderr 'mq-put: 1 messages'
}

@test "--timeout gives up with 75 while another process holds the partition" {
  mq-put -m x t
  exec 8<"$(partition_of t)"
  flock 8
  run -75 --separate-stderr mq-put --timeout 100ms -m y t 8<&-
  assert_stderr 'timed out'
  exec 8<&-
  run -0 mq-get t
  assert_output x
}

@test "each FILE is one message, an empty one too, unless a framing is named" {
  printf 'a\nb\n' >lines
  : >empty
  mq-put t lines empty
  run -0 mq-get -D '|' t
  assert_output $'a\nb\n||'
  mq-put --framing=lines u lines empty lines
  run -0 mq-get u
  assert_output $'a\nb\na\nb'
}

@test "- is stdin among the files, and -- ends the options" {
  printf A >-x
  printf 'one\ntwo\n' | mq-put t -- - -x
  run -0 mq-get t
  assert_output $'one\ntwo\nA'
}

@test "a missing file is exit 66, what came before is stored" {
  printf a >a
  run -66 --separate-stderr mq-put t a nowhere a
  assert_stderr nowhere
  assert_stderr '1 message stored'
  run -0 mq-get t
  assert_output a
}

has_messages() {
  [ "$(count_of "$1")" -ge "$2" ]
}

@test "files may be FIFOs and directories are no files" {
  mq-put t <(printf piped)
  run -0 mq-get t
  assert_output piped
  mkfifo fifo
  in_background put mq-put t <(printf before) fifo
  wait_until has_messages t 2
  printf later >fifo
  wait "$background"
  run -0 mq-get t
  assert_output $'piped\nbefore\nlater'
  mkdir directory
  run -74 --separate-stderr mq-put t directory
  assert_stderr directory
}

@test "no input is no message, and no failure" {
  mq-put t </dev/null
  run -1 mq-get t
}

@test "usage errors are a line and a hint on stderr, exit 64, and touch nothing" {
  for bad in '-0 -1' '-D x --json' '--framing=xml' '-k a -K :' '--json -K :' \
    '--framing=native -k x' '--framing=native -z zstd' '-H noequals' \
    '-K \q' '-f %v' '-f %o\n' '--nonsense' '-p x' '--linger soon'; do
    # shellcheck disable=SC2086
    run -64 --separate-stderr mq-put $bad t </dev/null
    assert_output ''
    [ "${#stderr_lines[@]}" -eq 2 ]
    assert_stderr "Try 'mq-put --help'."
  done
  run -64 mq-put </dev/null
  [ ! -e "$MQ_SPOOL" ]
}

@test "a topic's name has no way out of the spool" {
  for name in ../t a/b .. . '' "$(printf 'a%.0s' {1..300})" $'a\nb' 'ä'; do
    run -64 --separate-stderr mq-put -m x -- "$name"
    [ "${#stderr_lines[@]}" -eq 2 ]
  done
  [ ! -e "$MQ_SPOOL" ]
  mq-put -m x "$(printf 'a%.0s' {1..249})"
}

@test "closed descriptors are no files of ours" {
  run -74 --separate-stderr bash -c 'mq-put t <&-'
  assert_stderr 'standard input'
  mq-put -m x t >&-
  mq-put -m y t 2>&-
  run -74 --separate-stderr bash -c 'mq-put -v -m z t >&-'
  mq-put -m last t <&- >&- 2>&-
  run -0 mq-get t
  assert_output $'x\ny\nz\nlast'
}

@test "a full stdout is exit 74, and the message is stored and counted" {
  run -74 --separate-stderr bash -c 'mq-put -v -m x t >/dev/full'
  assert_stderr '1 message stored'
  [ "$(count_of t)" -eq 1 ]
}

@test "bytes that are no UTF-8 come back as they went in" {
  head -c 65536 /dev/urandom >random
  mq-put -k $'\xff\xfe' t random
  mq-get -1 t | cmp - random
  [ "$(mq-get -f '%k' t | od -An -tx1)" = ' ff fe' ]
}

@test "a message of 64 MiB goes through, one above the limit is refused by name" {
  head -c 67108864 /dev/zero | tr '\0' x >large
  mq-put t large
  mq-put -1 t <large
  mq-put --framing=lines t large
  [ "$(mq-get -f '%V\n' t | uniq -c | tr -s ' ')" = ' 3 67108864' ]
  mq-get -1 -c 1 t | cmp - large
  cat large large >larger
  run -65 --separate-stderr mq-put t larger
  assert_stderr 'longer than the limit'
  run -65 --separate-stderr mq-put -X max.message.bytes=1K -m "$(printf '%2000s')" small
  assert_stderr max.message.bytes
}

@test "--help and --version are on stdout with exit 0" {
  run -0 --separate-stderr mq-put --help
  [[ $output = 'Usage: mq-put [OPTION]... TOPIC [FILE...]'* ]]
  [ -z "$stderr" ]
  run -0 mq-put --version
  [[ $output = 'mq-put (mq) '[0-9]* ]]
}

@test "recipe: names of files go in with -0" {
  mkdir in
  touch in/a $'in/b\nc'
  find in -type f -print0 | sort -z | mq-put -0 files
  run -0 mq-get -0 files
  [ "$(mq-get -0 files | tr '\0' '|')" = $'in/a|in/b\nc|' ]
}

@test "recipe: a dump is one compressed message with a key" {
  seq 10000 | mq-put -1 -z zstd -k app backups
  [ "$(mq-get -1 backups | cksum)" = "$(seq 10000 | cksum)" ]
  [ "$(mq-get -f '%k' backups)" = app ]
}
