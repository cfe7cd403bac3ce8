# The repository keeps its own rules: floors, homes, sizes, manuals, completion.
load helper

setup() {
  cd "$repository"
  export LC_ALL=C.UTF-8
}

sources() {
  ls lib/*/*.c lib/*/*.h cmd/*.c cmd/*.h
}

tools() {
  ls cmd/mq-*.c | sed 's,cmd/\(.*\)\.c,\1,'
}

# Lines of the sources that match a pattern outside the named files. /dev/null
# is nobody's data.
strays() {
  local pattern=$1
  shift
  sources | grep -vxF "$(printf '%s\n' "$@")" | xargs grep -nE "$pattern" |
    grep -v /dev/null
}

# "-C --directory" for every option a tool has, sorted; from its own table.
options_of_table() {
  "$1" --option-table | tail -n +2 | cut -f 1,2 | tr '\t' ' ' |
    sed 's/^ //; s/ $//' | grep -vxE -e '--help|--version' | sort
}

options_of_manual() {
  sed -n '/^\.Sh OPTIONS/,/^\.Sh [^O]/ s/^\.It Fl //p' "share/man/$1.1" |
    awk '{
      line = ""
      for (i = 1; i <= NF && $i != "Ar" && $i != "Ns" && $i != "Oo"; i++)
        if ($i != "," && $i != "Fl") line = line " -" $i
      print substr(line, 2)
    }' | sort
}

options_of_help() {
  "$1" --help |
    grep -oE '^  (-[A-Za-z0-9](, )?|    )(--[a-z0-9-]+)?' | grep -e - |
    tr -d ',' | sed 's/^ *//' | grep -vxE -e '--help|--version' | sort
}

# The keys that a manual documents in one section.
keys_of_manual() {
  sed -n "/^\.Sh $1/,/^\.Sh [^$]/ s/^\.It Ic \([^ ]*\).*/\1/p" \
    share/man/mq.yaml.5 | sort
}

@test "includes point down the floors only" {
  run awk '
    BEGIN {
      n = split("base log spool kafka server queue", names, " ")
      for (i = 1; i <= n; i++) floor[names[i]] = i
    }
    match($0, /^#include "[a-z]+\//) {
      split(FILENAME, path, "/")
      to = substr($0, 11, RLENGTH - 11)
      if (!(to in floor)) print FILENAME ": no such floor: " to
      else if (path[1] == "lib" && floor[to] > floor[path[2]])
        print FILENAME " includes upwards: " to
      else if (path[2] == "kafka" && (to == "spool" || to == "log"))
        print FILENAME " knows of spools: " to
    }
    /^#include "[^\/]*"/ && FILENAME ~ /^lib/ {
      print FILENAME ": an include names its floor: " $0
    }' $(sources)
  assert_output ""
}

@test "SQLite is included in one file" {
  run grep -l '^#include.*sqlite3\.h' $(sources)
  assert_output lib/spool/sql.c
}

@test "open flags and syncs are in the files of lib/base/file" {
  run strays '\b(fsync|fdatasync|sync_file_range|syncfs) ?\(|\bO_(CREAT|EXCL|RDWR|WRONLY)\b' \
    lib/base/file*.c
  assert_output ""
}

@test "time is asked for in one file, and where futexes need an end" {
  run strays '\b(clock_gettime|gettimeofday|time|nanosleep|usleep)\(' \
    lib/base/clock.c lib/base/futex.c
  assert_output ""
}

@test "the library neither prints nor exits" {
  run grep -nE '\b(printf|fprintf|puts|fputs|perror|exit|_exit|stderr|stdout)\b ?[(,)]' \
    lib/*/*.c
  assert_output ""
}

@test "no file has more than 400 lines" {
  run awk 'FNR == 401 { print FILENAME }' $(sources)
  assert_output ""
}

@test "no function has more than 60 lines" {
  run awk '
    FNR == 1 { start = 0 }
    /^\{/ { start = FNR }
    /^}/ && start {
      if (FNR - start - 1 > 60)
        print FILENAME ":" start ": " FNR - start - 1 " lines"
      start = 0
    }' $(ls lib/*/*.c cmd/*.c)
  assert_output ""
}

@test "every source begins with one sentence that says what it is" {
  run awk 'FNR == 1 && !/^\/\* .*[a-z]/ { print FILENAME }' $(sources)
  assert_output ""
}

@test "nothing is left to be done later" {
  run grep -rnIE '\b(TO''DO|FIX''ME|XX''X|HA''CK)\b' \
    cmd lib share completions t README.md Makefile
  assert_output ""
}

@test "no unbounded or unsafe C function is used" {
  run grep -nE '[^a-z_](strcat|sprintf|vsprintf|gets|atoi|atol|alloca|system|popen|tmpnam|mktemp)\(' \
    $(sources)
  assert_output ""
}

@test "every tool has a manual and tests" {
  for tool in $(tools); do
    [ -e "share/man/$tool.1" ] || echo "no manual: $tool"
    [ -e "t/${tool#mq-}.bats" ] || echo "no tests: t/${tool#mq-}.bats"
  done >"$BATS_TEST_TMPDIR/missing"
  run cat "$BATS_TEST_TMPDIR/missing"
  assert_output ""
}

@test "every manual is clean to the linter" {
  skip_without mandoc
  run mandoc -T lint -W warning share/man/*
  assert_output ""
}

@test "manual, help and option table of every tool say the same" {
  for tool in $(tools); do
    options_of_table "$tool" >"$BATS_TEST_TMPDIR/table"
    options_of_manual "$tool" >"$BATS_TEST_TMPDIR/manual"
    options_of_help "$tool" >"$BATS_TEST_TMPDIR/help"
    diff -u "$BATS_TEST_TMPDIR/table" "$BATS_TEST_TMPDIR/manual" ||
      echo "^ $tool: table and manual"
    diff -u "$BATS_TEST_TMPDIR/table" "$BATS_TEST_TMPDIR/help" ||
      echo "^ $tool: table and help"
  done >"$BATS_TEST_TMPDIR/differences"
  run cat "$BATS_TEST_TMPDIR/differences"
  assert_output ""
}

@test "a letter or name that two tools share takes the same kind of argument" {
  run awk -F '\t' 'FNR > 1 && $2 != "" {
      kind = $3 == "" ? "flag" : "argument"
      if (($1 $2) in kinds && kinds[$1 $2] != kind) print $1, $2
      kinds[$1 $2] = kind
      if ($1 != "" && $1 != "-p" && ($1 in names) && names[$1] != $2)
        print $1 " is " names[$1] " and " $2
      if ($1 != "") names[$1] = $2
    }' $(for tool in $(tools); do
      "$tool" --option-table >"$BATS_TEST_TMPDIR/$tool"
      echo "$BATS_TEST_TMPDIR/$tool"
    done)
  assert_output ""
}

@test "every tool has help, a version, and a usage error with a hint" {
  for tool in $(tools); do
    run -0 --separate-stderr "$tool" --help
    [ -n "$output" ] && [ -z "$stderr" ]
    run -0 "$tool" --version
    run -64 --separate-stderr "$tool" --no-such-option
    assert_stderr "Try '$tool --help'."
    assert_output ""
  done
}

@test "every key of topic.yaml is in mq.yaml(5), and no other" {
  run diff <("$helpers/setting-keys" | sort) \
    <(keys_of_manual "TOPIC KEYS")
  assert_output ""
}

@test "the five commands of the README work" {
  fresh_spool
  sed -n '/^Five commands/,/^And over/ s/^    //p' "$repository/README.md" >commands
  [ "$(wc -l <commands)" -eq 5 ]
  run -0 --separate-stderr bash -e commands
  [ "${lines[0]}" = 'hello world' ]
  [ "${lines[1]}" = run ]
  assert_stderr ""
}

@test "what includes a header that has changed is compiled again, whatever the build directory is called" {
  for name in "$build" "${build#"$PWD"/}" "./${build#"$PWD"/}"; do
    [ -d "$name" ] || continue
    run -0 make -n -W lib/base/buf.h BUILD="$name" all
    [[ "$output" == *' lib/base/buf.c'* ]]
    [[ "$output" == *' lib/server/server.c'* ]]
  done
}

@test "installing and uninstalling leave nothing behind" {
  run -0 make -s install PREFIX=/usr DESTDIR="$BATS_TEST_TMPDIR/root" \
    BUILD="$build"
  for tool in mq $(tools); do
    [ -x "$BATS_TEST_TMPDIR/root/usr/bin/$tool" ]
    [ -e "$BATS_TEST_TMPDIR/root/usr/share/man/man1/$tool.1" ]
  done
  grep -qx 'ExecStart=/usr/bin/mq-serve -C /var/lib/mq' \
    "$BATS_TEST_TMPDIR/root/usr/lib/systemd/system/mq-serve.service"
  run -0 make -s uninstall PREFIX=/usr DESTDIR="$BATS_TEST_TMPDIR/root" \
    BUILD="$build"
  run find "$BATS_TEST_TMPDIR/root" -type f
  assert_output ""
}

# "KEY NAME VERSIONS" of each API, as a server offers them: 6 bytes an API.
apis_of_server() {
  printf '\0\0\0\012\0\022\0\0\0\0\0\7\377\377' |
    mq-serve --stdio -q -C "$BATS_TEST_TMPDIR/spool" |
    od -An -v -tu1 -w6 -j14 |
    awk '{
      first = $3 * 256 + $4; last = $5 * 256 + $6
      print $1 * 256 + $2, first (last > first ? "-" last : "")
    }' | sort | join - <(names_of_apis | sort)
}

names_of_apis() {
  join -o 1.2,2.2 <(sed -n 's/^\tAPI_\(.*\) = \(.*\),/\1 \2/p' lib/kafka/api.h |
    sort) <(tr -d '\n\\' <lib/kafka/api.c |
    grep -oE 'API\(API_[A-Z_]+,[^"]*"[A-Za-z]+"' |
    sed 's/API(API_\([A-Z_]*\),.*"\(.*\)"/\1 \2/' | sort)
}

@test "the page on Kafka has the requests and versions that a server offers" {
  apis_of_server | awk '{print "|", $1, "|", $3, "|", $2, "|"}' |
    sort >"$BATS_TEST_TMPDIR/offered"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/offered")" -gt 30 ]
  diff "$BATS_TEST_TMPDIR/offered" \
    <(grep -E '^\| [0-9]+ \|' share/doc/kafka.md | sort)
}
