import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { lungManifestSchema } from '../../../../src/common/contract/lungs.ts'
import { openLungNetwork } from '../../../../src/hosts/inference/lungs.ts'
import { overlapMetrics } from '../../../../src/hosts/training/pack/lungs/evaluateMasks.ts'
import { countMacs, countParameters } from '../../../../src/zoo/count.ts'
import { buildLungNetwork } from '../../../../src/zoo/lungs.ts'

const folder = fileURLToPath(new URL('../../../../resources/models/lungs', import.meta.url))
const text = (name: string) => readFileSync(join(folder, name), 'utf8')
const filmsSchema = z.array(z.strictObject({ id: z.string(), split: z.enum(['validation', 'test']), group: z.string(), source: z.string(), dice: z.number(), iou: z.number() }))

describe('the lung network that is shipped', () => {
	const manifest = lungManifestSchema.parse(JSON.parse(text('lungs.json')))
	const films = filmsSchema.parse(JSON.parse(text('films.json')))

	it('is the network of the zoo, of less than a megabyte, and gives its golden values', async () => {
		const graph = readFileSync(join(folder, 'model.onnx'))
		expect(createHash('sha256').update(graph).digest('hex')).toBe(manifest.sha256)
		expect(graph.byteLength).toBeLessThan(1e6)
		const network = buildLungNetwork({ inputSize: manifest.input.side })
		expect([manifest.parameters, manifest.macs]).toEqual([countParameters(network), countMacs(network).weighted])
		const opened = await openLungNetwork(folder, manifest)
		expect(opened.selfTestDifference).toBeLessThanOrEqual(manifest.golden.tolerance)
		await opened.release()
	})

	it('has the results that its films give, and no patient in two splits', () => {
		const again = overlapMetrics(films)
		expect(manifest.metrics.map(({ name, split, source, n, groups }) => [name, split, source, n, groups])).toEqual(again.map(({ name, split, source, n, groups }) => [name, split, source, n, groups]))
		for (const [index, { value, interval }] of manifest.metrics.entries()) {
			expect(Math.abs(value - (again[index]?.value ?? 0))).toBeLessThan(2e-4)
			for (const [end, bound] of (interval ?? []).entries()) expect(Math.abs(bound - (again[index]?.interval?.[end] ?? 0))).toBeLessThan(2e-4)
		}
		const splits = Map.groupBy(films, ({ group }) => group)
		for (const [group, own] of splits) expect(new Set(own.map(({ split }) => split)).size, group).toBe(1)
	})

	it('says on its card what its manifest says', () => {
		const card = text('CARD.md')
		for (const part of [manifest.title, manifest.training, manifest.sha256, manifest.licence, ...manifest.limitations]) expect(card).toContain(part)
		for (const { value } of manifest.metrics) expect(card).toContain(value.toFixed(3))
	})
})
