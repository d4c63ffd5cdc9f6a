import { describe, expect, it } from 'vitest'
import type { Gate } from '../../../src/common/contract/analysis.ts'
import type { ReadyModel } from '../../../src/common/contract/model.ts'
import { answerByKind, type Asked } from '../../../src/main/answers/kindOfImage.ts'
import { packDirectory, packManifest } from '../../support/inferenceFixtures.ts'

type Verdict = 'passes' | 'other kind' | 'too small' | 'cannot be loaded' | 'host died'

function model(id: string, colour: 'grey' | 'rgb'): ReadyModel {
	return { state: 'ready', directory: packDirectory, origin: 'built-in', manifest: { ...packManifest, id, input: { ...packManifest.input, colour } }, selected: true, selfTestDifference: 0, card: '' }
}
const chest = model('chest', 'grey')
const tissue = model('tissue', 'rgb')
const greyTissue = model('grey tissue', 'grey')
const gone = (what: string) => ({ fault: `No student reads ${what}.` })

function gateOf(verdict: Verdict): Gate {
	const failed = verdict === 'other kind' ? 'photometric' : verdict === 'too small' ? 'size' : null
	return { ok: failed === null, reasons: failed === null ? [] : [verdict], checks: failed === null ? [] : [{ name: failed, title: '', state: 'failed', detail: verdict }] }
}

/** Who answers, and whether its gate let the image through, or the error; and who was asked. */
async function outcome(models: Asked[], verdicts: Record<string, Verdict>): Promise<{ answer: string; asked: string[] }> {
	const asked: string[] = []
	const verdictOf = ({ manifest }: ReadyModel) => verdicts[manifest.id] ?? 'passes'
	const ask = async (own: ReadyModel) => {
		asked.push(own.manifest.id)
		const verdict = verdictOf(own)
		if (verdict === 'cannot be loaded' || verdict === 'host died') throw new Error(`${own.manifest.id}: ${verdict}`)
		return { gate: gateOf(verdict) }
	}
	const answer = await answerByKind(models, ask, (own) => verdictOf(own) === 'cannot be loaded').then(
		({ model: by, answer: { gate } }) => `${by.manifest.id} ${gate.ok ? 'answers' : 'refuses'}`,
		(error: unknown) => (error instanceof Error ? error.message : String(error)),
	)
	return { answer, asked }
}

describe('the kind of an image', () => {
	it.each<[string, Asked[], Record<string, Verdict>, string, string[]]>([
		['a film', [chest, tissue], { chest: 'passes' }, 'chest answers', ['chest']],
		['a film that is too small', [chest, tissue], { chest: 'too small' }, 'chest refuses', ['chest']],
		['tissue', [chest, tissue], { chest: 'other kind' }, 'tissue answers', ['chest', 'tissue']],
		['a picture of neither', [chest, tissue], { chest: 'other kind', tissue: 'other kind' }, 'chest refuses', ['chest', 'tissue']],
		['tissue that is too small', [chest, tissue], { chest: 'other kind', tissue: 'too small' }, 'chest refuses', ['chest', 'tissue']],
		['tissue where nobody reads films', [tissue], {}, 'tissue answers', ['tissue']],

		['a film, its student gone', [gone('films'), tissue], { tissue: 'other kind' }, 'No student reads films.', ['tissue']],
		['a film, its student gone, beside a student for grey tissue', [gone('films'), greyTissue], {}, 'No student reads films.', []],
		['tissue, the student for films gone', [gone('films'), tissue], {}, 'tissue answers', ['tissue']],
		['a film that cannot be told from tissue, its student gone', [gone('films'), tissue], { tissue: 'too small' }, 'No student reads films.', ['tissue']],
		['a film, the student for tissue gone', [chest, gone('tissue')], {}, 'chest answers', ['chest']],
		['a film that is too small, the student for tissue gone', [chest, gone('tissue')], { chest: 'too small' }, 'chest refuses', ['chest']],
		['tissue, its student gone', [chest, gone('tissue')], { chest: 'other kind' }, 'No student reads tissue.', ['chest']],
		['anything, both gone', [gone('films'), gone('tissue')], {}, 'No student reads films.', []],

		['a film, its student not to be loaded', [chest, tissue], { chest: 'cannot be loaded', tissue: 'other kind' }, 'chest: cannot be loaded', ['chest', 'tissue']],
		['a film, its student not to be loaded, beside a student for grey tissue', [chest, greyTissue], { chest: 'cannot be loaded' }, 'chest: cannot be loaded', ['chest']],
		['tissue, the student for films not to be loaded', [chest, tissue], { chest: 'cannot be loaded' }, 'tissue answers', ['chest', 'tissue']],
		['tissue, its student not to be loaded', [chest, tissue], { chest: 'other kind', tissue: 'cannot be loaded' }, 'tissue: cannot be loaded', ['chest', 'tissue']],
		['anything, while the process ends', [chest, tissue], { chest: 'host died' }, 'chest: host died', ['chest']],
	])('of %s', async (_, models, verdicts, answer, asked) => expect(await outcome(models, verdicts)).toEqual({ answer, asked }))
})
