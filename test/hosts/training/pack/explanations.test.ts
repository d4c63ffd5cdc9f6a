import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { modelManifestSchema } from '../../../../src/common/contract/model.ts'
import type { Mean } from '../../../../src/common/contract/modelExplanations.ts'
import { explanationSetReportSchema, type ExplanationSetReport, type FaithfulnessRow } from '../../../../src/common/contract/training/explanationSet.ts'
import { explainSet } from '../../../../src/hosts/training/explanations/explainSet.ts'
import { addExplanations, checkPack, explanationsOf } from '../../../../src/hosts/training/pack/explanations.ts'
import { writeSmallExplanationSet } from '../../../support/explanationSet.ts'
import { packDirectory, temporaryFolder, wholePackManifest as packManifest } from '../../../support/inferenceFixtures.ts'

const mean = (value: number | null, n = 24): Mean => ({ value, interval: value === null ? null : [value - 0.01, value + 0.01], n })

function row(change: Partial<FaithfulnessRow>): FaithfulnessRow {
	const own = mean(0.12341)
	return {
		model: 'model', method: 'score-cam', group: { column: 'all', value: 'all films' }, n: 24, groups: 20, empty: 0, insertion: own, deletion: own, difference: own, overRandom: own,
		drop: mean(12.3456), increase: own, dropTopHalf: own, increaseTopHalf: own, better: mean(40), ...change,
	}
}

function reportOf(change: Partial<ExplanationSetReport> = {}): ExplanationSetReport {
	const described = { role: 'model' as const, id: packManifest.id, version: '1.0.0', title: 'Student', sha256: packManifest.sha256, labels: ['a'], layer: { name: 'final_expand', channels: 1152, height: 4, width: 4 }, secondsPerMap: 1 }
	return explanationSetReportSchema.parse({
		schemaVersion: 1, softwareVersion: '0.1.0', mode: 'paper', models: [described, { ...described, role: 'teacher', sha256: 'f'.repeat(64) }],
		data: { split: 'validation', films: 24, groups: 20, of: 664, seed: 1, sha256: 'a'.repeat(64) }, localisation: null, refused: [], leftOut: [],
		interval: { method: 'percentile bootstrap over groups', level: 0.95, resamples: 1000, seed: 1 },
		faithfulness: [row({}), row({ method: 'random', overRandom: mean(null) }), row({ group: { column: 'truth', value: 'normal' }, deletion: mean(0.9) }), row({ model: 'teacher', deletion: mean(0.8) })],
		located: [
			{ model: 'model', method: 'score-cam', set: 'a|b\nc', truth: 'lungs', split: 'test', n: 5, groups: 5, empty: 0, energy: mean(0.51, 5), area: mean(0.32, 5), gain: mean(0.19, 5), hits: mean(0.8, 5) },
			{ model: 'model', method: 'random', set: 'masks', truth: 'lungs', split: 'test', n: 5, groups: 5, empty: 0, energy: mean(0.77, 5), area: mean(0.32, 5), gain: mean(0.19, 5), hits: mean(0.8, 5) },
		],
		comparison: [],
		randomisation: [
			{ model: 'model', stage: '1 of 62 layers', n: 6, rankCorrelation: mean(0.42, 6), median: 0.4444444, medianAbsolute: 0.5 },
			{ model: 'model', stage: '62 of 62 layers', n: 6, rankCorrelation: mean(null, 0), median: null, medianAbsolute: null },
		],
		...change,
	})
}

function headsOf(text: string): string[] {
	return text.split('\n').filter((line) => line.startsWith('## ') && line !== '## Explanations')
}

describe('what a pack says of its maps', () => {
	const folder = temporaryFolder()
	afterAll(() => folder.remove())
	const card = () => readFileSync(join(folder.path, 'CARD.md'), 'utf8')

	it('is the model\'s own rows over all films', () => {
		const { faithfulness, located, randomisation, data, mode, layer } = explanationsOf(reportOf())
		expect([mode, layer, data.films]).toEqual(['paper', 'final_expand', 24])
		expect(faithfulness.map(({ method, deletion }) => [method, deletion.value])).toEqual([['score-cam', 0.1234], ['random', 0.1234]])
		expect(located.map(({ energy }) => energy.value)).toEqual([0.51])
		expect(randomisation.map(({ median }) => median)).toEqual([0.4444, null])
	})
	it('stands in model.json and once in CARD.md, before the licences, and nothing else changes', () => {
		for (const name of ['model.json', 'CARD.md']) copyFileSync(join(packDirectory, name), join(folder.path, name))
		const { explanations, ...rest } = addExplanations(folder.path, reportOf())
		const { explanations: before, ...others } = packManifest
		expect(before === undefined || before !== explanations).toBe(true)
		expect(rest).toEqual(others)
		expect(modelManifestSchema.parse(JSON.parse(readFileSync(join(folder.path, 'model.json'), 'utf8'))).explanations).toEqual(explanations)
		const once = card()
		expect(once.split('## Explanations')).toHaveLength(2)
		expect(once.indexOf('## Explanations')).toBeLessThan(once.indexOf('## Licences'))
		expect(once).toContain('| Score-CAM | 0.123 (0.113 to 0.133) |')
		expect(once).toContain('| 1 of 62 layers | 6 of 6 | 0.44 | 0.50 | 0.42 (0.41 to 0.43) |')
		expect(once).toContain('| 62 of 62 layers | 0 of 6 | not defined | not defined | not defined |')
		expect(once).toContain('| lungs, a\\|b c | test | 5 | 0.510')
		expect(headsOf(once)).toEqual(headsOf(readFileSync(join(packDirectory, 'CARD.md'), 'utf8')))

		addExplanations(folder.path, reportOf())
		expect(card()).toBe(once)
		addExplanations(folder.path, reportOf({ randomisation: [], located: [] }))
		expect(card().split('## Explanations')).toHaveLength(2)
		expect(card()).toContain('check was not made')
		expect(card()).not.toContain('62 layers')
	})
	it('comes at the end of a card that says nothing of licences', () => {
		writeFileSync(join(folder.path, 'CARD.md'), '# A model\n\nMade by hand.\n')
		addExplanations(folder.path, reportOf())
		expect(card().startsWith('# A model\n\nMade by hand.\n\n## Explanations\n')).toBe(true)
		const once = card()
		addExplanations(folder.path, reportOf())
		expect(card()).toBe(once)
	})
	it('is refused before anything is measured where it cannot be written', () => {
		const other = join(folder.path, 'without-card')
		mkdirSync(other)
		copyFileSync(join(packDirectory, 'model.json'), join(other, 'model.json'))
		expect(() => checkPack(other)).toThrow('CARD.md is missing or cannot be written')
		expect(() => checkPack(folder.path)).not.toThrow()
	})
	it('comes from explain-set where it is asked for', async () => {
		const set = await writeSmallExplanationSet(join(folder.path, 'data'), join(folder.path, 'packs'))
		await explainSet({
			model: { graph: join(set.pack, 'model.onnx'), manifest: set.manifest }, teacher: null, folder: set.data, split: null, by: [], films: 3, seed: 1, localisation: [], localisationSplit: null,
			mode: 'paper', layer: null, randomisation: 2, output: null, html: null, card: true, softwareVersion: '0.0.0',
		}, { signal: new AbortController().signal, progress: () => undefined })
		const { explanations } = modelManifestSchema.parse(JSON.parse(readFileSync(join(set.pack, 'model.json'), 'utf8')))
		expect(explanations?.data).toMatchObject({ split: 'test', films: 3 })
		expect(explanations?.faithfulness.map(({ method }) => method)).toEqual(['score-cam', 'recipro-cam', 'random'])
		expect(explanations?.randomisation.at(-1)).toMatchObject({ n: 2 })
		expect(readFileSync(join(set.pack, 'CARD.md'), 'utf8')).toContain('Parameter-randomisation check')
	})
	it('is refused for another graph and for a folder that is no pack', () => {
		const other = reportOf()
		other.models[0]!.sha256 = '0'.repeat(64)
		expect(() => addExplanations(folder.path, other)).toThrow('SHA-256 differs')
		expect(() => addExplanations(join(folder.path, 'none'), reportOf())).toThrow('no model pack')
	})
})
