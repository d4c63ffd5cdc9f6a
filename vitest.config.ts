import { defineConfig } from 'vitest/config'
import { longestFirst } from './test/longestFirst.ts'

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		exclude: ['test/e2e/**'],
		// These end what hangs, and say nothing about how long anything may take: a machine that is busy with other things takes many times as long as an idle one.
		testTimeout: 300_000,
		hookTimeout: 300_000,
		expect: { poll: { timeout: 120_000 } },
		// Native modules and child processes: a process each, two at a time on the small machines that this runs on.
		pool: 'forks',
		maxWorkers: 2,
		sequence: {
			sequencer: longestFirst([
				'test/main/training/desk.test.ts', 'test/cli/cli.test.ts', 'test/hosts/training/runs/run.test.ts', 'test/main/promotion/promotion.test.ts',
				'test/zoo/scoreCam.test.ts', 'test/onnx/differentiate/networks.test.ts', 'test/main/answers/answers.test.ts',
			]),
		},
	},
})
