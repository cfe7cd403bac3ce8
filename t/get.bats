#!/usr/bin/env bats
# mq-get without a group: every option, every form of -o.
load helper

# Ten messages m0..m9, one second apart, in batches of one.
put_ten() {
  for i in 0 1 2 3 4 5 6 7 8 9; do
    echo '{"timestamp":'$((1700000000 + i))'000,"value":"m'$i'"}'
  done | mq-put --json --batch 1 "${1:-t}"
}

joined() {
  mq-get "$@" | tr '\n' ' '
}

@test "a topic is read from its start in order, and exit 0 says that there was something" {
  printf 'one\n\nthree\n' | mq-put t
  run -0 --separate-stderr mq-get t
  assert_output $'one\n\nthree'
  [ -z "$stderr" ]
}

@test "reading changes nothing: the spool has the same bytes after as before" {
  put_ten
  before=$(cd "$MQ_SPOOL" && find . -type f -exec md5sum {} + | sort)
  mq-get t >out
  mq-get -p 0 t >>out
  after=$(cd "$MQ_SPOOL" && find . -type f -exec md5sum {} + | sort)
  [ "$before" = "$after" ]
}

@test "no message is exit 1, no topic and no spool are exit 66" {
  mq-topic create empty
  run -1 --separate-stderr mq-get empty
  assert_output ''
  [ -z "$stderr" ]
  run -66 --separate-stderr mq-get nowhere
  assert_stderr nowhere
  run -66 --separate-stderr mq-get -C "$BATS_TEST_TMPDIR/none" t
  assert_stderr none
  run -66 --separate-stderr mq-get -p 5 empty
  assert_stderr 5
}

@test "a usage error is one line and a hint, exit 64" {
  mq-put -m x t
  for bad in '-o x' '-o 3:y' '-p x' '-c x' '-w soon' '--since x' '--header x' \
    '-0 -1' '--framing=x' '-f %y' '--nonsense'; do
    # shellcheck disable=SC2086
    run -64 --separate-stderr mq-get $bad t
    assert_output ''
    assert_stderr "Try 'mq-get --help'."
  done
  run -64 mq-get
  run -64 mq-get t -- true
}

@test "-o takes start, end, an offset and the last so many" {
  put_ten
  [ "$(joined -o start t)" = 'm0 m1 m2 m3 m4 m5 m6 m7 m8 m9 ' ]
  [ "$(joined -o 7 t)" = 'm7 m8 m9 ' ]
  [ "$(joined -o -2 t)" = 'm8 m9 ' ]
  [ "$(joined -o -100 t)" = "$(joined t)" ]
  run -1 mq-get -o end t
  run -1 mq-get -o 10 t
  run -1 mq-get -o 99 t
  run -1 mq-get -o -0 t
}

@test "-o FROM:TO leaves TO out, in every combination" {
  put_ten
  [ "$(joined -o 2:4 t)" = 'm2 m3 ' ]
  [ "$(joined -o start:2 t)" = 'm0 m1 ' ]
  [ "$(joined -o 8:end t)" = 'm8 m9 ' ]
  [ "$(joined -o -4:-2 t)" = 'm6 m7 ' ]
  [ "$(joined -o 7:100 t)" = 'm7 m8 m9 ' ]
  run -1 mq-get -o 4:4 t
  run -1 mq-get -o 4:2 t
}

@test "-o takes times, and finds the colon between two of them" {
  put_ten
  [ "$(joined -o @1700000007 t)" = 'm7 m8 m9 ' ]
  [ "$(joined -o @1700000006.5 t)" = 'm7 m8 m9 ' ]
  [ "$(joined -o @2023-11-14T22:13:28Z t)" = 'm8 m9 ' ]
  [ "$(joined -o @2023-11-14T23:13:28+01:00 t)" = 'm8 m9 ' ]
  [ "$(joined -o @1700000003:@1700000005 t)" = 'm3 m4 ' ]
  [ "$(joined -o @2023-11-14T22:13:22Z:@2023-11-14T22:13:24Z t)" = 'm2 m3 ' ]
  [ "$(joined -o 1:@2023-11-14T22:13:23.000+00:00 t)" = 'm1 m2 ' ]
  run -1 mq-get -o -1h t
  mq-put -m now t
  [ "$(joined -o -1h t)" = 'now ' ]
  [ "$(joined -o @1700000008:-1h t)" = 'm8 m9 ' ]
}

@test "a range may begin and end inside a batch" {
  seq 0 99 | mq-put t
  [ "$(joined -o 3:6 t)" = '3 4 5 ' ]
  [ "$(joined -o -3 t)" = '97 98 99 ' ]
}

@test "-c ends after so many, -c 0 reads nothing" {
  seq 5 | mq-put t
  [ "$(joined -c 2 t)" = '1 2 ' ]
  [ "$(joined -c 9 -o 3 t)" = '4 5 ' ]
  run -1 mq-get -c 0 t
  assert_output ''
}

@test "-p reads one partition, else all of them, each in order" {
  mq-topic create -p 3 t
  for p in 0 1 2; do seq -f "$p-%g" 4 | mq-put -p $p t; done
  [ "$(joined -p 1 t)" = '1-1 1-2 1-3 1-4 ' ]
  mq-get t >all
  [ "$(wc -l <all)" -eq 12 ]
  for p in 0 1 2; do grep "^$p-" all | sort -c; done
  [ "$(joined -p 2 -o -1 t)" = '2-4 ' ]
}

@test "-o counts for every partition by itself" {
  mq-topic create -p 2 t
  seq 1 5 | mq-put -p 0 t
  seq 11 13 | mq-put -p 1 t
  [ "$(mq-get -o -2 t | sort -n | tr '\n' ' ')" = '4 5 12 13 ' ]
}

@test "several topics are read in one go" {
  seq 1 3 | mq-put a
  seq 4 6 | mq-put b
  [ "$(mq-get a b | sort | tr '\n' ' ')" = '1 2 3 4 5 6 ' ]
  [ "$(mq-get -f '%t:%p:%o %v\n' -o 2 a b | sort)" = $'a:0:2 3\nb:0:2 6' ]
}

@test "every framing is written as it is defined" {
  printf 'ab\n\nc\n' | mq-put t
  [ "$(mq-get -D '--\n' t)" = $'ab--\n--\nc--' ]
  [ "$(mq-get -0 t | od -An -tx1 | tr -d ' \n')" = 616200006300 ]
  [ "$(mq-get -1 t)" = abc ]
  [ "$(mq-get --framing=netstring t)" = '2:ab,0:,1:c,' ]
  [ "$(mq-get --framing=len32 t | od -An -tx1 | tr -d ' \n')" = 000000026162000000000000000163 ]
  [ "$(mq-get --framing=lines t)" = "$(mq-get t)" ]
}

@test "--json has every field, -f what it asks for" {
  mq-put -k key -t red -H a=1 -H a=2 --timestamp @1700000000 -m 'the value' t
  run -0 mq-get -j t
  assert_output '{"topic":"t","partition":0,"offset":0,"timestamp":1700000000000,"key":"key","headers":[["mq.tag","red"],["a","1"],["a","2"]],"tag":"red","value":"the value"}'
  run -0 mq-get -f '%d{rfc3339} %k %v %t:%p:%o %h\n' t
  assert_output '2023-11-14T22:13:20.000Z key the value t:0:0 mq.tag=red,a=1,a=2'
}

@test "native output carries whole batches, untouched" {
  seq 100 | mq-put -z zstd t
  seq 100 | mq-put -z none t
  mq-get --framing=native t >bytes
  size=$(wc -c <bytes)
  cmp -n "$size" bytes "$(segments_of t)"
}

@test "native output of a part is a batch of that part, with its fields" {
  for i in 0 1 2 3 4 5; do
    echo '{"timestamp":'$i',"key":"k'$i'","headers":[["h","'$i'"]],"value":"v'$i'"}'
  done | mq-put --json -z gzip t
  mq-get --framing=native -o 2:5 t | mq-put --framing=native copy
  mq-get --framing=native --key 'k[01]' t | mq-put --framing=native copy
  mq-get --framing=native -c 1 -o 5 t | mq-put --framing=native copy
  run -0 mq-get -f '%d %k %h %v\n' copy
  assert_output "$(for i in 2 3 4 0 1 5; do echo "$i k$i h=$i v$i"; done)"
}

@test "filters by key, tag and header: any of one kind, all of the kinds" {
  mq-put -k user-1 -t red -H lang=de -m a t
  mq-put -k user-2 -t blue -H lang=en -m b t
  mq-put -k other -t red -H lang=de-AT -H lang=fr -m c t
  mq-put -t red -m d t
  [ "$(joined --key 'user-*' t)" = 'a b ' ]
  [ "$(joined --key other --key user-2 t)" = 'b c ' ]
  [ "$(joined --tag red t)" = 'a c d ' ]
  [ "$(joined --tag red --tag blue t)" = 'a b c d ' ]
  [ "$(joined --header 'lang=de*' t)" = 'a c ' ]
  [ "$(joined --header lang=fr t)" = 'c ' ]
  [ "$(joined --tag red --header 'lang=*' --key 'o*' t)" = 'c ' ]
  run -1 mq-get --key 'USER*' t
  run -1 mq-get --header 'none=*' t
}

@test "--since includes its time, --until does not" {
  put_ten
  [ "$(joined --since @1700000008 t)" = 'm8 m9 ' ]
  [ "$(joined --until @1700000002 t)" = 'm0 m1 ' ]
  [ "$(joined --since @1700000004 --until @1700000006 t)" = 'm4 m5 ' ]
  run -1 mq-get --since -1h t
}

@test "-c counts what passes the filter" {
  seq 100 | awk '{ printf "%s:%s\n", $1 % 2 ? "odd" : "even", $1 }' | mq-put -K : t
  [ "$(joined --key even -c 3 t)" = '2 4 6 ' ]
}

@test "-v names every message on stderr, and stdout stays the same" {
  seq 3 | mq-put t
  run -0 --separate-stderr mq-get -v -o 1 t
  assert_output $'2\n3'
  assert_stderr 't:0:1'
  assert_stderr 't:0:2'
}

@test "a reader that goes away ends mq-get by SIGPIPE, quietly" {
  seq 200000 | mq-put t
  set +o pipefail
  mq-get t 2>err | head -n 1 >out && status=${PIPESTATUS[0]}
  [ "$status" -eq 141 ]
  [ "$(cat out)" = 1 ]
  [ ! -s err ]
}

@test "a closed or full stdout is an I/O error, not a success" {
  seq 10 | mq-put t
  run -74 bash -c 'mq-get t >&-'
  run ! bash -c 'mq-get t >/dev/full'
}

@test "a damaged batch is named with file and byte, the rest is served, exit 74" {
  put_ten
  segment=$(segments_of t)
  at=$(grep -abo m4 "$segment" | cut -d: -f1)
  printf X | dd of="$segment" bs=1 seek="$at" conv=notrunc status=none
  run -74 --separate-stderr mq-get t
  assert_output $'m0\nm1\nm2\nm3\nm5\nm6\nm7\nm8\nm9'
  assert_stderr "$(basename "$segment")"
  [ "$(wc -l <<<"$stderr")" -eq 1 ]
  run -0 mq-get -o 5 t
  run -74 mq-get -c 9 t
}

@test "a spool that cannot be written can be read" {
  skip_unless_root "another user owns the spool"
  put_ten
  chmod -R a-w "$MQ_SPOOL"
  chown -R 65534:65534 "$MQ_SPOOL"
  for above in . .. ../..; do chmod a+x "$BATS_TEST_TMPDIR/$above"; done
  as_nobody test -r "$MQ_SPOOL/topics" || skip "the way there is not open to others"
  [ "$(as_nobody mq-get t | wc -l)" -eq 10 ]
  [ "$(as_nobody mq-get -o 4:6 t | tr '\n' ' ')" = 'm4 m5 ' ]
}

@test "a control page that is lost, garbage or older than the log hides nothing" {
  control=$(partition_of t)/control
  mq-put -m first t
  cp "$control" old
  put_ten
  cp old "$control"
  [ "$(mq-get t | wc -l)" -eq 11 ]
  head -c 4096 /dev/urandom >"$control"
  [ "$(mq-get t | wc -l)" -eq 11 ]
  rm "$control"
  [ "$(mq-get t | wc -l)" -eq 11 ]
  in_background follower mq-get -F t
  wait_until has_lines follower.out 11
  for break in 'rm $control' 'cp old $control' ': >$control' 'cp follower.out $control'; do
    eval "$break"
    mq-put -m "after $break" t
    wait_until grep -qxF "after $break" follower.out
  done
  [ "$(wc -l <follower.out)" -eq 15 ]
}

@test "empty values, large values and all bytes come out as they went in" {
  head -c 3000000 /dev/urandom >big
  : >empty
  mq-put t big empty
  mq-get -c 1 -1 t | cmp - big
  run -0 mq-get -o 1 -1 t
  assert_output ''
}

@test "topics whose names begin with - follow --, a command a second --" {
  mq-put -m odd -- -topic
  run -0 mq-get -- -topic
  assert_output odd
  run -0 mq-get -g g -- -topic -- cat
  assert_output odd
}
