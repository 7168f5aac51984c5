import { buildGoProgram, type GoBuildOptions } from './go-build.js';
import type { WayResult } from './sdk-download.js';

/**
 * The newest published version that resolves as a Go module (1.9.1 does not: its `cliext` module is unpublished). It
 * brings Temporal Server 1.29.1 and UI 2.42.1. Tried with Go 1.26, November 2026.
 */
export const BUILT_CLI_VERSION = '1.5.1';

/** Builds the Temporal CLI, server included, from its published Go module. Needs `go` 1.24 or newer. */
export function buildCli(options: GoBuildOptions): Promise<WayResult> {
  const program = {
    title: `the Temporal CLI ${BUILT_CLI_VERSION}`,
    package: 'github.com/temporalio/cli/cmd/temporal',
    version: BUILT_CLI_VERSION,
    // Without it the executable calls itself 0.0.0-DEV.
    linkerFlags: `-X github.com/temporalio/cli/temporalcli.Version=${BUILT_CLI_VERSION}`,
  };
  return buildGoProgram(program, options);
}
