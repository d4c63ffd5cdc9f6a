import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
	root: fileURLToPath(new URL('../..', import.meta.url)),
	test: {
		include: ['test/e2e/**/*.e2e.ts'],
		testTimeout: 180_000,
		hookTimeout: 120_000,
		expect: { poll: { timeout: 10_000 } },
		pool: 'forks',
		// One workstation and one browser at a time: there are two processors, and the order is a person's.
		fileParallelism: false,
		maxWorkers: 1,
		sequence: { concurrent: false },
	},
})
