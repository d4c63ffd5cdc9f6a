import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { evaluationReportSchema } from '../../../../src/common/contract/training/evaluation.ts'
import { confusionTable } from '../../../../src/renderer/admin/charts/confusion.ts'
import { binTitle, filledBins, fullestBin } from '../../../../src/renderer/admin/charts/reliability.ts'

describe('the table of a confusion matrix', () => {
	it('has truth in rows, calls in columns, and shares of each row', () => {
		expect(confusionTable('multiclass', ['a', 'b'], [[3, 1], [0, 0]])).toEqual({
			columns: ['a', 'b'],
			rows: [
				{ label: 'a', cells: [{ count: 3, share: 0.75, right: true }, { count: 1, share: 0.25, right: false }], total: 4 },
				{ label: 'b', cells: [{ count: 0, share: null, right: false }, { count: 0, share: null, right: true }], total: 0 },
			],
		})
	})

	it('of many labels has shares of the positives and of the negatives', () => {
		const { columns, rows } = confusionTable('multilabel', ['a'], [[3, 1, 2, 6]])
		expect(columns).toEqual(['True positive', 'False negative', 'False positive', 'True negative'])
		expect(rows[0]?.cells).toEqual([
			{ count: 3, share: 0.75, right: true }, { count: 1, share: 0.25, right: false },
			{ count: 2, share: 0.25, right: false }, { count: 6, share: 0.75, right: true },
		])
		expect(rows[0]?.total).toBe(12)
		expect(confusionTable('multilabel', ['a'], [[0, 0, 2, 6]]).rows[0]?.cells.map(({ share }) => share)).toEqual([null, null, 0.25, 0.75])
	})

	it.each(['cxr3-ofa595', 'nih14-eeea'])('agrees with the recalls that the evaluation of %s states', (pack) => {
		const { model, splits } = evaluationReportSchema.parse(JSON.parse(readFileSync(new URL(`../../../../resources/models/${pack}/evaluation.json`, import.meta.url), 'utf8')))
		for (const { confusion, labels, n } of splits) {
			const { columns, rows } = confusionTable(model.task, model.labels, confusion)
			expect(rows.map(({ label }) => label)).toEqual(model.labels)
			for (const [index, { cells, total }] of rows.entries()) {
				expect(cells).toHaveLength(columns.length)
				const positives = labels[index]?.positives ?? 0
				const called = model.task === 'multiclass' ? total : (cells[0]?.count ?? 0) + (cells[1]?.count ?? 0)
				expect(called).toBe(positives)
				if (model.task === 'multilabel') expect(cells[0]?.share ?? null).toBe(labels[index]?.recall ?? null)
			}
			if (model.task === 'multiclass') expect(rows.reduce((sum, { total }) => sum + total, 0)).toBe(n)
		}
	})
})

function bin(lower: number, n: number) {
	return { lower, upper: lower + 0.1, n, confidence: n === 0 ? null : lower + 0.05, share: n === 0 ? null : 0.5 }
}

function half(counts: number[]) {
	return { ece: 0.1, brier: 0.2, bins: counts.map((n, index) => bin(index / 10, n)) }
}

describe('reliability', () => {
	it('shows the bins that have cases', () => expect(filledBins([bin(0, 0), bin(0.1, 3)])).toEqual([{ confidence: expect.closeTo(0.15), share: 0.5 }]))
	it('measures bars at the fullest bin of both', () => {
		expect(fullestBin({ before: half([1, 7]), after: half([9, 0]) })).toBe(9)
		expect(fullestBin({ before: half([0]), after: half([0]) })).toBe(1)
	})
	it('names bins by their limits', () => expect(binTitle(bin(0.30000000000000004, 1))).toBe('0.3 to 0.4'))
})
