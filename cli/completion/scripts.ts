import { COMPLETE } from './complete.js';

/** The shells that can complete `tocsin`. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

/** Each asks the very program that is typed, so that what it offers is what that version has. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# bash completion for tocsin
_tocsin() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <("\${COMP_WORDS[0]}" ${COMPLETE} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _tocsin tocsin tocsin.mjs`,
  zsh: `#compdef tocsin tocsin.mjs
# zsh completion for tocsin
_tocsin() {
  local line
  local -a candidates
  while IFS= read -r line; do
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}\${\${line#*$'\\t'}:+:\${line#*$'\\t'}}")
  done < <("\${words[1]}" ${COMPLETE} "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then
    _describe tocsin candidates
  else
    _files
  fi
}
compdef _tocsin tocsin tocsin.mjs`,
  fish: `# fish completion for tocsin
function __tocsin_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    $words[1] ${COMPLETE} $words[2..-1] "$current" 2>/dev/null
end
complete -c tocsin -a '(__tocsin_complete)'`,
};
