# Completion of mq and its tools for fish. It asks the tools: options come from
# their tables (--option-table), names of topics and groups from the spool.

# Names of topics or groups, in the spool that the command line names.
function __mq_names
    set -l words (commandline -opc)
    set -l spool
    for i in (seq (count $words))
        if contains -- $words[$i] -C --directory; and set -q words[(math $i + 1)]
            set spool -C $words[(math $i + 1)]
        end
    end
    $argv list -j $spool 2>/dev/null | string replace -r '^{"[a-z]*":"([^"]*)".*' '$1'
end

# What fish completes with for what the table says may stand there.
function __mq_action
    switch "$argv"
        case @topic
            echo '(__mq_names mq-topic)'
        case @group
            echo '(__mq_names mq-group)'
        case @directory
            echo '(__fish_complete_directories)'
        case '@*'
            echo
        case '*'
            string replace -a '|' ' ' -- "$argv"
    end
end

function __mq_register --argument-names tool
    command -q $tool; or return
    set -l table ($tool --option-table 2>/dev/null)
    or return
    set -l head (string split \t -- $table[1])
    complete -c $tool -f
    set -l operands (__mq_action $head[3])
    test -n "$operands"; or set operands ' '
    if test -n "$head[4]"
        complete -c $tool -n __fish_use_subcommand -a "(string split ' ' -- '"(__mq_action $head[4])"')"
        complete -c $tool -n 'not __fish_use_subcommand' -a $operands
    else
        complete -c $tool -a $operands
    end
    for line in $table[2..]
        set -l row (string split \t -- $line)
        set -l option
        test -n "$row[1]"; and set -a option -s (string sub -s 2 -- $row[1])
        test -n "$row[2]"; and set -a option -l (string sub -s 3 -- $row[2])
        set -a option -d $row[5]
        if test -n "$row[3]"; and not string match -q '[*' -- $row[3]
            test "$row[4]" = @file; and set -a option -rF; or set -a option -x
        end
        test -n "$row[4]"; and set -a option -a (__mq_action $row[4])
        complete -c $tool $option
    end
end

# mq COMMAND completes as mq-COMMAND does.
function __mq_delegate
    set -l words (commandline -opc)
    complete -C "mq-"(string join ' ' -- (string escape -- $words[2..]) (commandline -ct))
end

complete -c mq -f
complete -c mq -n __fish_use_subcommand -a "help (complete -C mq- | string match -r '^mq-\S+' | string replace mq- '')"
complete -c mq -n 'not __fish_use_subcommand' -a '(__mq_delegate)'

for tool in mq-ack mq-bench mq-config mq-dead mq-fsck mq-get mq-group mq-put mq-serve mq-stat mq-topic
    __mq_register $tool
end
