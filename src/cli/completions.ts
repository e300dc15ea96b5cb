import { EXIT } from "../system/exit_code.ts";
import { command, parseOneOf } from "./command.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

type Shell = typeof SHELLS[number];

/** `diskd completions SHELL`: a completion script for the shell. */
export const completions = command("completions", {
  hasCommonFlags: false,
  parseWord: parseOneOf(SHELLS),
  propose: () => SHELLS,
  run({ words }, { stdout }) {
    stdout.write(SCRIPTS[words[0] as Shell]);
    return EXIT.ok;
  },
});

/*
 * Each script asks the binary what could follow, `diskd complete-line`. It
 * answers with a line that is `words` or `files`, then a candidate a line.
 * Candidates are labels from disks, that is, hostile text: no script lets the
 * shell evaluate them.
 */

/** bash splits words unpredictably, so diskd does the quoting: it gets the line as typed. */
const BASH = `# bash completion for diskd. To load it:
#   source <(diskd completions bash)
# or, with bash-completion, for every user, as a file
#   /usr/local/share/bash-completion/completions/diskd

_diskd() {
    local line kind=
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ -z $kind ]]; then
            kind=$line
        else
            COMPREPLY+=("$line")
        fi
    done < <(command diskd complete-line -- bash \\
        "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
    if [[ $kind == files ]]; then
        compopt -o default
    fi
}

complete -F _diskd diskd
`;

/** zsh quotes the arguments of compadd, and selects the matching ones; it shows what `-d` names. */
const ZSH = `#compdef diskd
# zsh completion for diskd. To load it:
#   source <(diskd completions zsh)
# or, for every user, as a file in a directory of $fpath, such as
#   /usr/local/share/zsh/site-functions/_diskd

_diskd() {
    local -a before answer typed shown
    local start= line
    integer width=0
    (( CURRENT > 2 )) && before=("\${(@Q)words[2,CURRENT-1]}")
    [[ $PREFIX == -* ]] && start=-
    answer=("\${(@f)$(command diskd complete-line -- zsh \\
        "\${before[@]}" "$start" 2>/dev/null)}")
    if [[ $answer[1] == files ]]; then
        _files
        return
    fi
    shift answer
    # A word, perhaps a tab, and what it does.
    typed=("\${(@)answer%%$'\\t'*}")
    if [[ "$answer" != *$'\\t'* ]]; then
        compadd -a typed
        return
    fi
    for line in "\${(@)typed}"; do
        (( \${(m)#line} > width )) && width=\${(m)#line}
    done
    for line in "\${(@)answer}"; do
        shown+=("\${(mr:width:)line%%$'\\t'*}  \${\${line#*$'\\t'}:#$line}")
    done
    compadd -l -d shown -a typed
}

if [[ \${funcstack[1]} == _diskd ]]; then
    _diskd "$@"
elif (( $+functions[compdef] )); then
    compdef _diskd diskd
else
    # compinit comes later: look for it before each prompt.
    _diskd_compdef() {
        (( $+functions[compdef] )) || return 0
        compdef _diskd diskd
        add-zsh-hook -d precmd _diskd_compdef
    }
    autoload -Uz add-zsh-hook
    add-zsh-hook precmd _diskd_compdef
fi
`;

/** fish quotes the output of a completion function, and selects the matching lines. */
const FISH = `# fish completion for diskd. To load it:
#   diskd completions fish | source
# or, for every user, as a file
#   /usr/local/share/fish/vendor_completions.d/diskd.fish

function __diskd_complete
    set -l before (commandline -opc)
    set -e before[1]
    set -l start ''
    if string match -q -- '-*' (commandline -ct)
        set start -
    end
    set -l answer (command diskd complete-line -- fish $before $start 2>/dev/null)
    if test "$answer[1]" = files
        __fish_complete_path (commandline -ct)
    else
        set -e answer[1]
        printf '%s\\n' $answer
    end
end

complete -c diskd -f -a '(__diskd_complete)'
`;

const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
};
