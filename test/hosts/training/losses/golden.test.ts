import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runLosses, type Given, type LossFeeds } from '../../../support/lossRun.ts'

interface Golden {
	shares: number[]
	inputs: Record<string, Given>
	cases: { name: string; task: 'multiclass' | 'multilabel'; recipes: unknown[]; teachers: number; known: string | null; value: number; gradients: Record<string, number[]> }[]
}

const golden = JSON.parse(readFileSync(new URL('../../../golden/losses.json', import.meta.url), 'utf8')) as Golden

function feedsOf({ task, known }: Golden['cases'][number]): LossFeeds {
	const target = golden.inputs[task === 'multiclass' ? 'one-hot' : 'labels']!
	return { ...golden.inputs, target, known: known ? golden.inputs[known]! : { dims: target.dims, values: Array.from({ length: target.values.length }, () => 1) } }
}

/** The largest difference, relative to the largest value. */
function difference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
	const largest = Math.max(...Array.from(expected, Math.abs), 1e-12)
	return found.length === expected.length ? Math.max(...Array.from(expected, (value, index) => Math.abs(value - found[index]!))) / largest : Number.NaN
}

describe('losses against PyTorch', () => {
	it.each(golden.cases)('$name', async (one) => {
		const shares = one.teachers === 2 ? golden.shares : one.teachers === 1 ? [1] : []
		const { value, gradients } = await runLosses(feedsOf(one), one.recipes, one.task, shares)
		expect(Math.abs(value - one.value) / Math.abs(one.value)).toBeLessThan(1e-5)
		expect([...gradients.keys()].toSorted()).toEqual(Object.keys(one.gradients).toSorted())
		for (const [name, expected] of Object.entries(one.gradients)) expect(difference(gradients.get(name)!, expected), name).toBeLessThan(2e-5)
	})
})
