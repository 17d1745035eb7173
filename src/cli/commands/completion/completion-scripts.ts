import type { CompletionWords } from './completion-words.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** Scripts by shell. Words that begin with `-` are options; after an option that has a value a shell completes files. */
export const completionScripts: Readonly<Record<Shell, (words: CompletionWords) => string>> = { bash, zsh, fish }

function bash(words: CompletionWords): string {
  return `# Completion of rex for bash: source <(rex completion bash)
_rex() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${[...words.keys()]
  .filter(Boolean)
  .map((path) => `      ${quoted(before(path))}) path=${quoted(path)} ;;`)
  .join('\n')}
    esac
  done
  case "$path" in
${[...words].map(([path, list]) => `    ${quoted(path)}) words=${quoted(list.join(' '))} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _rex rex
`
}

function zsh(words: CompletionWords): string {
  return `#compdef rex
# Completion of rex for zsh: rex completion zsh > /usr/local/share/zsh/site-functions/_rex
_rex() {
  local command_path="" word
  local -a candidates
  for word in "\${words[@]:1:$((CURRENT - 2))}"; do
    case "$command_path $word" in
${[...words.keys()]
  .filter(Boolean)
  .map((path) => `      ${quoted(before(path))}) command_path=${quoted(path)} ;;`)
  .join('\n')}
    esac
  done
  case "$command_path" in
${[...words].map(([path, list]) => `    ${quoted(path)}) candidates=(${list.map(quoted).join(' ')}) ;;`).join('\n')}
  esac
  compadd -a candidates || _files
}
if [ "$funcstack[1]" = "_rex" ]; then _rex "$@"; else compdef _rex rex; fi
`
}

function fish(words: CompletionWords): string {
  const lines = [...words].flatMap(([path, list]) =>
    list.map((word) => `complete -c rex -n ${quoted(`__rex_at ${path}`.trim())} ${fishWord(word)}`),
  )
  return `# Completion of rex for fish: rex completion fish > ~/.config/fish/completions/rex.fish
function __rex_at
  set -l given (string match -v -- '-*' (commandline -opc)[2..-1])
  set -l depth (count $argv)
  if test $depth -eq 0
    test (count $given) -eq 0
  else
    test "$given[1..$depth]" = "$argv"
  end
end
${lines.join('\n')}
`
}

function fishWord(word: string): string {
  return word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${quoted(word)}`
}

/** Returns the pattern of a path before its last word was added: `contacts list` is `contacts` and ` list`. */
function before(path: string): string {
  const at = path.lastIndexOf(' ')
  return at < 0 ? ` ${path}` : path
}

function quoted(text: string): string {
  return `'${text}'`
}
