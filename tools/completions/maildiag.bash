# bash completion for maildiag(1)                                       -*- shell-script -*-
# shellcheck shell=bash

_maildiag_subcommands='explain mxcheck report ptrcheck spfcheck dkimcheck dmarccheck bimicheck tlscheck rblcheck whois smtpcheck lookup reputation watch summary rules config findings'
_maildiag_lookups='a aaaa mx txt cname soa ns ptr srv caa tlsa ds any dns tcp http https ping trace'
_maildiag_global='--format --output --lang --color --quiet --verbose --nameserver --timeout --tries --window --rate
  --zone --record --replay --connect-to --source --ehlo --ca-file --rules --config --help --help-all --version'

# The options of one subcommand beside the global ones.
_maildiag_options() {
  case $1 in
    explain) echo '--reply --reply-lines --log --since --until --year --ip --sender --helo --own --no-checks --passive --summary --stats --unbuffered' ;;
    mxcheck | report) echo '--selector --no-smtp --no-dnsbl' ;;
    ptrcheck) echo '--helo' ;;
    spfcheck) echo '--ip --sender --helo --trace --suggest' ;;
    dkimcheck) echo '--selector --message' ;;
    dmarccheck) echo '--bulk --message --ip --helo --sender' ;;
    bimicheck) echo '--selector --indicator' ;;
    watch) echo '--targets --state --confirm --renotify --heartbeat --splay --webhook --webhook-ca --dry-run --keep --clock-was-ahead' ;;
    smtpcheck) echo '--port --host --greeting-timeout --warning-days --critical-days --relay-test' ;;
    whois) echo '--fresh --refresh' ;;
    rblcheck) echo '--file --list --hide-clean --self-test --fresh' ;;
  esac
}

# The value of an option. Fails where the option takes none.
_maildiag_value() {
  local current=$2
  case $1 in
    --format) mapfile -t COMPREPLY < <(compgen -W 'text json html nagios prometheus' -- "$current") ;;
    --heartbeat) mapfile -t COMPREPLY < <(compgen -W 'daily weekly monthly never' -- "$current") ;;
    --lang) mapfile -t COMPREPLY < <(compgen -W 'en ko' -- "$current") ;;
    --color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$current") ;;
    --self-test) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$current") ;;
    --rules)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$current")
      ;;
    --targets | --state | --webhook-ca | --ca-file | --output | --config | --zone | --record | --replay | --message | --indicator | --file | -f | --reply-lines | --log)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      ;;
    --nameserver | --timeout | --tries | --window | --rate | --connect-to | --source | --ehlo | --reply | --since | --until | --year | --ip | --sender | --helo | --own | --list | --suggest | --port | --greeting-timeout | --warning-days | --critical-days | --selector | --confirm | --renotify | --splay | --webhook | --keep)
      COMPREPLY=()
      ;;
    *) return 1 ;;
  esac
}

_maildiag() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local subcommand='' action='' word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ -z $subcommand && " $_maildiag_subcommands " == *" $word "* ]]; then
      subcommand=$word
    elif [[ $subcommand == summary && -z $action && $word == merge ]]; then
      action=$word
    elif [[ $subcommand == lookup && -z $action && " $_maildiag_lookups " == *" $word "* ]]; then
      action=$word
    elif [[ $subcommand == rules && -z $action && $word =~ ^(list|show|test|lint)$ ]]; then
      action=$word
    elif [[ $subcommand == config && -z $action && $word =~ ^(check|show)$ ]]; then
      action=$word
    fi
  done

  # "--option=value" reaches us as three words.
  if [[ $current == '=' ]]; then
    current='' previous=${COMP_WORDS[COMP_CWORD - 1]}
  elif [[ $previous == '=' ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  _maildiag_value "$previous" "$current" && return

  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$_maildiag_global $(_maildiag_options "$subcommand")" -- "$current")
  elif [[ -z $subcommand ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$_maildiag_subcommands" -- "$current")
  elif [[ $subcommand == watch ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'history prune' -- "$current")
  elif [[ $subcommand == summary && -z $action ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'merge' -- "$current")
  elif [[ $subcommand == lookup && -z $action ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$_maildiag_lookups" -- "$current")
  elif [[ $subcommand == explain || $subcommand == summary ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  elif [[ $subcommand == rules && -z $action ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'list show test lint' -- "$current")
  elif [[ $subcommand == config ]]; then
    [[ -n $action ]] || mapfile -t COMPREPLY < <(compgen -W 'check show' -- "$current")
  elif [[ $action == show ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" rules list 2>/dev/null | awk '{ print $1 }')" -- "$current")
  elif [[ $subcommand == findings ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" findings 2>/dev/null | awk '{ print $1 }')" -- "$current")
  fi
}

complete -F _maildiag maildiag
