#!/bin/sh
# The main job on this machine's own data, with crashes on the way.
#
# Packages, their files and log lines go through three producers into a topic
# of four partitions; two pools of workers take them off. A producer and a pool
# are killed with -9, and one message is poison. Every command is echoed as it
# is run, so that it can be copied. Exits 1 if a message is lost.
set -eu
cd "$(dirname "$0")/../.."
PATH=$(cd "${BUILD:-build}/bin" && pwd):$PATH
work=$(mktemp -d)
export PATH MQ_SPOOL="$work/spool"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work"

say() {
  printf '\n# %s\n' "$*"
}

# Echoes a command, then runs it in this shell.
run() {
  printf '$ %s\n' "$*"
  eval "$*"
}

# Waits for something that happens elsewhere, half a minute at most.
wait_for() {
  tries=300
  until eval "$*" >wait.out 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "gave up waiting: $*"; cat wait.out; exit 1; }
    sleep 0.1
  done
}

# Three inputs, each line once: KEY<TAB>TEXT.
collect() {
  dpkg-query -W -f '${Package}\t${Version} ${Installed-Size} KiB\n' \
    >packages 2>/dev/null || ls /usr/bin | sed 's/.*/&\tprogram/' >packages
  { grep . /var/lib/dpkg/info/*.list 2>/dev/null || grep -H . /etc/*.conf; } |
    sed 's,.*/\([^/:]*\)\.list:,\1\t,; s,^\(/[^:]*\):,\1\t,' |
    sort -u | awk 'NR % 7 == 0' | head -n 4000 >files
  { find /var/log -type f -readable -name '*.log' -exec cat {} + |
      tr -cd '\t\n -~' | awk 'NF'
    journalctl -q -n 1000 2>/dev/null || :
  } | tail -n 2000 | awk '{ print $1 "\tline " NR ": " $0 }' >logs
  echo "machine	up since $(uptime -s 2>/dev/null || date)" >>logs
}

# A worker gets the message on its standard input. This one measures the line
# and says so; it dies of a signal once, and cannot digest poison.
cat >worker <<'EOW'
#!/bin/sh
read -r line
case $line in
  *poison*) echo "cannot digest: $line" >&2; exit 1 ;;
  "line 7:"*) [ "$MQ_ATTEMPT" -gt 1 ] || kill -9 $$ ;;
esac
echo "$MQ_PARTITION:$MQ_OFFSET $MQ_ATTEMPT $MQ_TAG ${#line}"
EOW
chmod +x worker

say 'A topic of four partitions. Failed messages come again, at most three times.'
run "mq-topic create -p 4 -X mq.max-attempts=3 -X mq.backoff=200ms..1s work"

collect
say "Input: $(wc -l <packages) packages, $(wc -l <files) files, $(wc -l <logs) log lines."
began=$(date +%s.%N)

say 'Two pools of workers wait for messages.'
run "mq-get -F -g pool -P 4 work -- ./worker >>done.1 2>pool.1 &"
doomed=$!
run "mq-get -F -g pool -P 4 work -- ./worker >>done.2 2>pool.2 &"
survivor=$!

say 'Three producers, with keys and tags. One gets its second half late ...'
run "mq-put -K '\\t' -t package work <packages &"
packages=$!
run "mq-put -K '\\t' -t log work <logs &"
logs=$!
half=$(($(wc -l <files) / 2))
mkfifo late
run "{ head -n $half files; sleep 20; tail -n +$((half + 1)) files; } >late &"
feeder=$!
run "mq-put -K '\\t' -t file work <late &"
producer=$!
wait_for '[ "$(mq-get --tag file -c 1 work | wc -l)" -gt 0 ]'

say '... and is killed on the way.'
run "kill -9 $producer"
kill $feeder
wait $packages
wait $logs
wait $producer $feeder 2>wait.out || :

say 'What it had stored is in the log; what is not there is sent again.'
run "mq-get --tag file -f '%k\\t%v\\n' work | LC_ALL=C sort >stored"
run "LC_ALL=C sort files | LC_ALL=C comm -23 - stored >rest"
echo "$(wc -l <stored) were stored, $(wc -l <rest) are sent again"
run "mq-put -K '\\t' -t file work <rest"

say 'One message is poison.'
run "mq-put -k bad -m 'this is poison' work"

wait_for '[ -s done.1 ]'
say 'A pool of workers is killed too. What it held is free at once.'
run "kill -9 $doomed"
wait $doomed 2>wait.out || :

say 'The other pool does the rest.'
run "mq-stat work"
wait_for "mq-stat --check 'lag<1' -g pool work"
ended=$(date +%s.%N)
run "kill -TERM $survivor"
wait $survivor 2>wait.out || :

say 'The poisoned message is a dead letter, with its story.'
run "mq-dead list work"
id=$(mq-dead list -j work | sed -n 's/.*"id":"\([0-9:]*\)".*/\1/p')
run "mq-dead show work $id"
run "mq-stat work"
run "mq-fsck -n"

# Lost is what was put and neither worked off nor dead; counted by offset.
mq-get -f '%p:%o\n' work | sort >sent
cut -d ' ' -f 1 done.1 done.2 | sort -u >worked
dead=$(mq-dead list -j work | wc -l)
lost=$(($(comm -23 sent worked | wc -l) - dead))
lines=$(($(cat packages files logs | wc -l) + 1))

say 'Closing the books.'
awk -v lines="$lines" -v sent="$(wc -l <sent)" -v worked="$(wc -l <worked)" \
  -v retried="$(awk '$2 > 1' done.1 done.2 | wc -l)" -v dead="$dead" \
  -v lost="$lost" -v seconds="$(echo "$ended $began" | awk '{ print $1 - $2 }')" '
  BEGIN {
    format = "%-28s %8s\n"
    printf format, "lines to send", lines
    printf format, "sent (in the log)", sent
    printf format, "worked off", worked
    printf format, "retried, then worked off", retried
    printf format, "dead", dead
    printf format, "lost", lost + lines - sent
    printf "%-28s %8.0f a second\n", "rate", worked / seconds
    exit lost != 0 || lines != sent || dead != 1
  }'
