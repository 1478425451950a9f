# fish completion for maildiag(1)

set -l subcommands explain mxcheck ptrcheck spfcheck dkimcheck rblcheck summary rules findings
complete -c maildiag -f

complete -c maildiag -l format -x -a 'text json' -d 'How results are printed'
complete -c maildiag -l lang -x -a 'en ko' -d 'Language of the texts'
complete -c maildiag -l color -x -a 'auto always never' -d 'Colours'
complete -c maildiag -s q -l quiet -d 'Print less'
complete -c maildiag -s v -l verbose -d 'Print the evidence of every finding'
complete -c maildiag -l nameserver -x -d 'DNS server to ask: ADDR[#PORT]'
complete -c maildiag -l timeout -x -d 'Seconds to wait for the first try'
complete -c maildiag -l tries -x -d 'How often a question is asked'
complete -c maildiag -l window -x -d 'Questions outstanding at once'
complete -c maildiag -l zone -r -F -d 'Answer from a zone file only'
complete -c maildiag -l record -r -F -d 'Write every DNS answer to a file'
complete -c maildiag -l replay -r -F -d 'Answer from a recorded file only'
complete -c maildiag -l rules -x -a '(__fish_complete_directories)' -d 'Directory with rules of your own'
complete -c maildiag -l help -d 'Show help'
complete -c maildiag -l version -d 'Show the version'

complete -c maildiag -n "not __fish_seen_subcommand_from $subcommands" -a explain -d 'Say why a mail came back'
complete -c maildiag -n "not __fish_seen_subcommand_from $subcommands" -a mxcheck -d 'Check the mail exchangers of a domain'
complete -c maildiag -n "not __fish_seen_subcommand_from $subcommands" -a ptrcheck -d 'Check the reverse DNS of an address'
complete -c maildiag -n "not __fish_seen_subcommand_from $subcommands" -a spfcheck -d 'Check an SPF record'
complete -c maildiag -n "not __fish_seen_subcommand_from $subcommands" -a dkimcheck -d 'Check DKIM keys and signatures'
complete -c maildiag -n "not __fish_seen_subcommand_from $subcommands" -a rblcheck -d 'Look up in DNS lists'
complete -c maildiag -n "not __fish_seen_subcommand_from $subcommands" -a summary -d 'Join summaries of explain'
complete -c maildiag -n "not __fish_seen_subcommand_from $subcommands" -a rules -d 'List, show, test and lint the bounce rules'
complete -c maildiag -n "not __fish_seen_subcommand_from $subcommands" -a findings -d 'List and explain findings'

complete -c maildiag -n '__fish_seen_subcommand_from explain' -F
complete -c maildiag -n '__fish_seen_subcommand_from explain' -l reply -x -d 'Text of an SMTP reply'
complete -c maildiag -n '__fish_seen_subcommand_from explain' -l no-checks -d 'Classify only, ask no DNS'
complete -c maildiag -n '__fish_seen_subcommand_from explain' -l reply-lines -r -F -d 'File of replies, one a line'
complete -c maildiag -n '__fish_seen_subcommand_from explain' -l own -x -d 'Host or network of your own'
complete -c maildiag -n '__fish_seen_subcommand_from explain' -l summary -d 'Group all failures'
complete -c maildiag -n '__fish_seen_subcommand_from explain' -l stats -d 'Count the hits of each rule'
complete -c maildiag -n '__fish_seen_subcommand_from explain' -l unbuffered -d 'Report each failure at once'
complete -c maildiag -n '__fish_seen_subcommand_from explain spfcheck' -l ip -x -d 'Sending address'
complete -c maildiag -n '__fish_seen_subcommand_from explain spfcheck' -l sender -x -d 'Envelope sender'
complete -c maildiag -n '__fish_seen_subcommand_from explain ptrcheck spfcheck' -l helo -x -d 'HELO name'
complete -c maildiag -n '__fish_seen_subcommand_from spfcheck' -l trace -d 'Print every step'
complete -c maildiag -n '__fish_seen_subcommand_from spfcheck' -l suggest -x -d 'Address that the record should permit'
complete -c maildiag -n '__fish_seen_subcommand_from dkimcheck' -l selector -x -d 'Selector to look at'
complete -c maildiag -n '__fish_seen_subcommand_from dkimcheck' -l message -r -F -d 'Mail whose signatures are verified'
complete -c maildiag -n '__fish_seen_subcommand_from rblcheck' -s f -l file -r -F -d 'File with targets'
complete -c maildiag -n '__fish_seen_subcommand_from rblcheck' -l list -x -d 'Ask this list only'
complete -c maildiag -n '__fish_seen_subcommand_from rblcheck' -l hide-clean -d 'Leave out what is not listed'
complete -c maildiag -n '__fish_seen_subcommand_from rblcheck' -l self-test -x -a 'auto always never' -d 'Test the lists first'
complete -c maildiag -n '__fish_seen_subcommand_from summary' -a merge
complete -c maildiag -n '__fish_seen_subcommand_from summary' -F
complete -c maildiag -n '__fish_seen_subcommand_from rules' -a 'list show test lint'
complete -c maildiag -n '__fish_seen_subcommand_from findings' -a '(maildiag findings 2>/dev/null | string split -f1 " ")'
