#!/usr/bin/env node
import { runCommand, usage } from './command.js';

try {
  process.exitCode = runCommand(process.argv.slice(2), console.log);
} catch (error) {
  console.error(`conformance: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
