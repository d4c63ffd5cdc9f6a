import { defineConfig } from 'vitest/config'

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		exclude: ['test/e2e/**'],
		testTimeout: 60_000,
		hookTimeout: 60_000,
		// Native modules and child processes: a process each, two at a time on the small machines that this runs on.
		pool: 'forks',
		maxWorkers: 2,
	},
})
