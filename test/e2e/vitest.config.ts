import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
	root: fileURLToPath(new URL('../..', import.meta.url)),
	test: {
		include: ['test/e2e/**/*.e2e.ts'],
		// As of the unit tests: they end what hangs.
		testTimeout: 600_000,
		hookTimeout: 300_000,
		expect: { poll: { timeout: 120_000 } },
		// One workstation and one browser at a time: two at once take a quarter less time, and what a person does between two answers of the program comes before the first of them.
		pool: 'forks',
		fileParallelism: false,
		maxWorkers: 1,
		sequence: { concurrent: false },
	},
})
