import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { longestFirst } from '../longestFirst.ts'

export default defineConfig({
	root: fileURLToPath(new URL('../..', import.meta.url)),
	test: {
		include: ['test/e2e/**/*.e2e.ts'],
		// As of the unit tests: they end what hangs.
		testTimeout: 600_000,
		hookTimeout: 300_000,
		expect: { poll: { timeout: 120_000 } },
		// A workstation, its data folder and a browser of its own for each file: two at a time, since a person's way is mostly waiting.
		pool: 'forks',
		maxWorkers: 2,
		sequence: {
			concurrent: false,
			sequencer: longestFirst(['adaptation', 'newRun', 'explanations', 'dataSets', 'runs', 'promotion'].map((name) => `test/e2e/${name}.e2e.ts`)),
		},
	},
})
