#!/usr/bin/env node
// Starts the command line on the pinned Node, after the same set-up as npm start.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PINNED_NODE, setUp } from '../scripts/setup.mjs'

setUp('command')
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const child = spawn(PINNED_NODE, [join(root, 'out', 'main', 'cli.js'), ...process.argv.slice(2)], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)))
