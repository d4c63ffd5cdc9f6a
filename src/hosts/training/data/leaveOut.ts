import { UserError } from '../../../common/contract/procedures.ts'
import type { DataRecipe } from '../../../common/contract/training/data.ts'
import type { Sample, Split } from './dataSet.ts'

type Known = Pick<Sample, 'group' | 'source' | 'attributes'>

/**
 * Splits with sources left out: what has one of the values is the test split, what else would be tested on is passed over (null), and so is what shares a
 * group with an image that was left out. Where nothing is left out the splits stay as they are.
 * @throws UserError naming a column or value that no image has.
 */
export function leaveOutOf(rules: DataRecipe['leaveOut'], samples: readonly Known[], splits: readonly Split[]): (Split | null)[] {
	if (rules.length === 0) return [...splits]
	for (const [index, { column, values }] of rules.entries()) {
		for (const value of values) {
			if (samples.some((sample) => valueOf(sample, column) === value)) continue
			const known = new Set(samples.map((sample) => valueOf(sample, column)).filter((other) => other !== undefined))
			throw new UserError(known.size === 0
				? `data.leaveOut[${index}].column: no image has "${column}"; it is source, or one of data.columns.attributes.`
				: `data.leaveOut[${index}].values: no image has "${value}" as its ${column}. There are: ${[...known].slice(0, 30).join(', ')}.`)
		}
	}
	const left = samples.map((sample) => rules.some(({ column, values }) => values.includes(valueOf(sample, column) ?? '')))
	const groups = new Set(samples.filter((_, index) => left[index]).map(({ group }) => group))
	return splits.map((split, index) => {
		if (left[index]) return 'test'
		return split === 'test' || groups.has(samples[index]?.group ?? '') ? null : split
	})
}

function valueOf({ source, attributes }: Known, column: string): string | undefined {
	if (column === 'source') return source
	return Object.hasOwn(attributes, column) ? attributes[column] : undefined
}
