import { FILES } from "./candidate-lines.ts"

export const SHELLS = ["bash", "zsh", "fish"] as const
export type Shell = (typeof SHELLS)[number]

export function isShell(word: string | undefined): word is Shell {
  return SHELLS.some((shell) => shell === word)
}

/**
 * What a shell reads to complete our commands. The scripts know nothing: they ask the program, which knows its commands and the topology
 * file, so that they are never out of date. It is called by its name, which may be an alias.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# Completion of gonka-ha for bash. In ~/.bashrc: eval "$(gonka-ha completion bash)"
_gonka_ha() {
  local typed=\${COMP_LINE:0:COMP_POINT} line current
  local -a words=()
  # By blanks alone: the shell itself would part words at = and : too.
  read -ra words <<<"$typed"
  case $typed in *[[:blank:]]) words+=("") ;; esac
  current=\${words[\${#words[@]} - 1]}
  COMPREPLY=()
  while IFS= read -r line; do
    if [ "$line" = "${FILES}" ]; then
      compopt -o default 2>/dev/null
    else
      line=\${line%%$'\\t'*}
      # The shell replaces only what comes after the last =.
      case $current in *=*) line=\${line#"\${current%%=*}="} ;; esac
      COMPREPLY+=("$line")
    fi
  done < <(gonka-ha completion --candidates -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _gonka_ha gonka-ha
`,
  zsh: `#compdef gonka-ha
# Completion of gonka-ha for zsh. In ~/.zshrc, after compinit: eval "$(gonka-ha completion zsh)"
_gonka_ha() {
  local line
  local -a found
  while IFS= read -r line; do
    if [[ $line == "${FILES}" ]]; then
      _files
    else
      found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done < <(gonka-ha completion --candidates -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#found} )) && _describe 'gonka-ha' found
}
compdef _gonka_ha gonka-ha
`,
  fish: `# Completion of gonka-ha for fish. In ~/.config/fish/config.fish: gonka-ha completion fish | source
function __gonka_ha_candidates
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -a words "$current"
    for line in (gonka-ha completion --candidates -- $words[2..-1] 2>/dev/null)
        if test "$line" = "${FILES}"
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c gonka-ha -f -a '(__gonka_ha_candidates)'
`,
}
