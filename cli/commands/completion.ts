import { Argument, type Command } from 'commander';
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from '../completion/scripts.js';
import type { Context } from '../context.js';
import { examplesText } from './api-command.js';

const INSTALL = `
To install it, add this to the file that your shell reads when it starts:
  bash  ~/.bashrc                    eval "$(tocsin completion bash)"
  zsh   ~/.zshrc, after compinit     eval "$(tocsin completion zsh)"
  fish  ~/.config/fish/config.fish   tocsin completion fish | source`;

/** `tocsin completion`: what a shell needs to complete `tocsin`. */
export function addCompletion(program: Command, context: Context): void {
  program
    .command('completion')
    .summary('complete commands, options and incidents in bash, zsh or fish')
    .description(
      'Prints what a shell needs to complete commands, options, the codes of open incidents, and the ids of users, severities, services, teams, schedules and policies. It asks this very program at each Tab.',
    )
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(SHELLS))
    .option('--json', 'print it as JSON')
    .addHelpText('after', INSTALL)
    .addHelpText('after', examplesText([['completion bash', 'the script, to read it']]))
    .action((shell: Shell, flags: { readonly json?: boolean }) => {
      const script = COMPLETION_SCRIPTS[shell];
      context.print(flags.json === true ? JSON.stringify({ shell, script }) : script);
    });
}
