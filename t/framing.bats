#!/usr/bin/env bats
# Framings: every one both ways, and every way in which input can be bad.
load helper

# What goes in comes out, in one framing.
assert_identity() {
  local file=$1
  shift
  mq-put "$@" t <"$file"
  mq-get "$@" t | cmp - "$file"
}

# Bad input: exit 65, the reason, and how many messages came before it.
assert_refused() {
  local reason=$1 count=$2
  shift 2
  run -65 --separate-stderr mq-put "$@" t <in
  assert_stderr "$reason"
  [[ $stderr = *"($count message"*" stored)"* ]]
  [ "$(mq-get --json t | wc -l)" -eq "$count" ]
}

@test "lines: empty ones and a last one without newline are messages" {
  printf 'a\n\nlast' | mq-put t
  run -0 mq-get --json t
  [ "${#lines[@]}" -eq 3 ]
  [[ ${lines[1]} = *'"value":""'* ]]
  [[ ${lines[2]} = *'"value":"last"'* ]]
}

@test "lines that hold a NUL byte are refused, nothing from there on is stored" {
  printf 'a\nb\nc\0d\ne\n' >in
  assert_refused "looks binary; use -1, -0 or -D '\\n'" 2
}

@test "a NUL byte far behind is found before anything after it is stored" {
  { seq 200000; printf 'x\0y\n'; seq 200000; } >in
  assert_refused 'message 200001 looks binary' 200000
}

@test "-D '\\n' takes NUL bytes" {
  printf 'a\0b\nc\n' >in
  assert_identity in -D '\n'
}

@test "-D takes any text, escaped or not, both ways" {
  printf 'a--b---c--' >in
  assert_identity in -D --
  run -0 mq-get --json t
  [ "${#lines[@]}" -eq 3 ]
  printf 'x\tyz\r\n' >in2
  printf 'x\tyz\r\n' | mq-put -D '\r\n' u
  run -0 mq-get -D '\x7c' u
  assert_output $'x\tyz|'
}

@test "-0 separates by NUL bytes, both ways" {
  printf 'a\nb\0\0c\0' >in
  assert_identity in -0
  [ "$(mq-get --json t | wc -l)" -eq 3 ]
}

@test "-0 keeps a last message that is not ended" {
  printf 'a\0b' | mq-put -0 t
  [ "$(mq-get t)" = $'a\nb' ]
}

@test "-1 takes the whole input as one message, and no input as an empty one" {
  head -c 300000 /dev/urandom >in
  assert_identity in -1
  mq-put -1 empty </dev/null
  run -0 mq-get --json empty
  [[ $output = *'"value":""'* ]]
}

@test "len32 takes any bytes, both ways" {
  printf '\0\0\0\1a\0\0\0\0\0\0\0\3b\nc' >in
  assert_identity in --framing=len32
  [ "$(mq-get --json t | wc -l)" -eq 3 ]
}

@test "len32 that is cut or claims too much is refused" {
  printf '\0\0\0\1a\0\0\0\5bc' >in
  assert_refused 'message 2 is cut short: input ends after 2 of 5 bytes' 1 \
    --framing=len32
  rm -r "$MQ_SPOOL"
  printf '\0\0\0\1a\0\0' >in
  assert_refused 'after 2 of 4 bytes of its length' 1 --framing=len32
  rm -r "$MQ_SPOOL"
  printf '\377\377\377\377a' >in
  assert_refused 'claims 4294967295 bytes' 0 --framing=len32
}

@test "netstrings take any bytes, both ways" {
  printf '1:a,0:,3:b\nc,' >in
  assert_identity in --framing=netstring
  [ "$(mq-get --json t | wc -l)" -eq 3 ]
}

@test "netstrings that are none are refused" {
  for bad in 1:a,2:b 1:a,2 1:a,2:bcd 1:a,x:b 1:a,01:b, 1:a,9999999999: \
    1:a,123456789012: 1:a,-1:b,; do
    printf %s "$bad" >in
    assert_refused 'message 2' 1 --framing=netstring
    rm -r "$MQ_SPOOL"
  done
}

@test "--json brings back key, headers, timestamp and value, whatever their bytes" {
  mq-put -k $'\xff' -H 'a=1' -H $'a=\xfe' -t tag -m $'\x80\x00' t
  mq-put -k '' -m '' t
  printf '{"value":null,"key":null,"timestamp":5,"headers":[["x",null],["x",""]]}\n' |
    mq-put --json t
  mq-put -m $'text "quoted" \\ \t \u00e9\U0001f600' t
  mq-get --json t >before
  mq-put --json u <before
  mq-get --json u | sed 's/"topic":"u"/"topic":"t"/' | cmp - before
  mq-get --json t | mq-put --json v
  diff <(mq-get --json u | cut -d , -f 4-) <(mq-get --json v | cut -d , -f 4-)
}

@test "--json refuses what is no message, with its number" {
  for bad in '{"value":' '{"vaule":"x"}' '{"value":1}' '[]' 'text' \
    '{"value":"a"}}' '{"value":{"b64":"*"}}' '{"value":"\ud800"}' \
    '{"value":"x","timestamp":"now"}' '{"value":"x","headers":[["a"]]}' \
    '{"value":"x","key":[]}' $'{"value":"\xff"}'; do
    printf '{"value":"good"}\n%s\n{"value":"after"}\n' "$bad" >in
    assert_refused 'message 2 is bad' 1 --json
    rm -r "$MQ_SPOOL"
  done
}

@test "--json ignores members it does not know" {
  echo '{"value":"x","colour":["red",{"deep":1}],"offset":99}' | mq-put --json t
  run -0 mq-get t
  assert_output x
}

@test "-f reads what -f writes" {
  mq-put -k k1 -H a=1 -H b=2 --timestamp @1700000000.25 -m $'one\ntwo' t
  mq-put -k k2 --timestamp @1700000001 -m '' t
  for format in '%K:%k%V{big32}%v%h;%d\n' '%d{rfc3339} %k %h %V %v\0' \
    '%V{little16}%K{big8}%k%v%d{big64}%h\n'; do
    mq-get -f "$format" t >out
    mq-put -f "$format" u <out
    mq-get -f "$format" u | cmp - out
    mq-topic delete --yes u
  done
}

@test "-f takes a last message without its last literal" {
  printf 'a b\nc d' | mq-put -f '%k %v\n' t
  run -0 mq-get -f '%k=%v\n' t
  assert_output $'a=b\nc=d'
}

@test "-f refuses input that does not fit" {
  printf 'a b\ncd\n' >in
  assert_refused 'message 2 is bad' 1 -f '%k %v\n'
  rm -r "$MQ_SPOOL"
  printf '1:a,5:b,' >in
  assert_refused 'input ends inside %v' 1 -f '%V:%v,'
}

@test "native batches keep keys, headers, timestamps and checksums between spools" {
  seq 1000 | mq-put -k key -H a=1 -t tag --timestamp @1700000000 -z zstd t
  mq-put -m after t
  mq-get --framing=native t | mq-put -C "$BATS_TEST_TMPDIR/b" --framing=native t
  cmp <(mq-get --json t) <(mq-get -C "$BATS_TEST_TMPDIR/b" --json t)
  cmp <(mq-get --framing=native t) \
    <(mq-get -C "$BATS_TEST_TMPDIR/b" --framing=native t)
}

@test "native input that is cut, flipped or followed by anything is refused" {
  mq-put --batch 2 -m a -m b -m c -m d t
  mq-get --framing=native t >good
  mq-topic delete --yes t
  size=$(wc -c <good)
  head -c $((size - 1)) good >in
  assert_refused 'message 3 is cut short' 2 --framing=native
  mq-topic delete --yes t
  { cat good; echo; } >in
  assert_refused 'message 5 is cut short' 4 --framing=native
  mq-topic delete --yes t
  { head -c $((size - 5)) good; printf XXXXX; } >in
  assert_refused 'checksum' 2 --framing=native
  mq-topic delete --yes t
  seq 100 >in
  assert_refused 'message 1 is in a bad batch' 0 --framing=native
}

@test "native batches of several keys go to their partitions" {
  for i in 1 2 3 4 5 6 7 8; do echo "k$i:v$i"; done | mq-put -K : t
  mq-topic create -p 4 u
  mq-get --framing=native t | mq-put --framing=native u
  mq-topic create -p 4 v
  mq-get --json t | mq-put --json v
  for p in 0 1 2 3; do
    diff <(mq-get -p $p -f '%k %v\n' u) <(mq-get -p $p -f '%k %v\n' v)
  done
}

@test "framings exclude each other" {
  for pair in '-0 -1' '-0 --json' '-D x -f %v\n' '--framing=len32 -1'; do
    # shellcheck disable=SC2086
    run -64 mq-put $pair t </dev/null
    # shellcheck disable=SC2086
    run -64 mq-get $pair t
  done
}
