import { defineConfig } from 'vitest/config'

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		exclude: ['test/e2e/**'],
		testTimeout: 60_000,
		hookTimeout: 60_000,
		// A busy machine takes seconds to start a process; what comes at once is seen at once all the same.
		expect: { poll: { timeout: 30_000 } },
		// Native modules and child processes: a process each, two at a time on the small machines that this runs on.
		pool: 'forks',
		maxWorkers: 2,
	},
})
