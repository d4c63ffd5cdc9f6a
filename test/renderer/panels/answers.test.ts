import { describe, expect, it } from 'vitest'
import { runAnalysis, useRuns, forgetRuns } from '../../../src/renderer/reading/panels/analysis/analysisRuns.ts'
import { answersFor, isUnanswered, readerOf, runKey } from '../../../src/renderer/reading/panels/analysis/answers.ts'
import { firstMapLabel, fractionText, labelRows, nextMapLabel, statementOf } from '../../../src/renderer/reading/panels/analysis/labelRows.ts'
import { exampleAnalysis, examplePrediction } from './examples.ts'

const image = { instanceId: 5, frameIndex: 0 }
const student = { id: 'student', version: '1.0.0', sha256: 'a'.repeat(64), title: 'Student' }
const teacher = { id: 'teacher', version: '1.0.0', sha256: 'b'.repeat(64), title: 'Teacher' }
const byTeacher = exampleAnalysis({ id: 12, role: 'teacher', prediction: examplePrediction({ model: teacher }) })

describe('answersFor', () => {
	it('takes the newest answer of each role for exactly this image', () => {
		const older = exampleAnalysis({ id: 3 })
		const newer = exampleAnalysis({ id: 9 })
		const elsewhere = [exampleAnalysis({ id: 20, instanceId: 6 }), exampleAnalysis({ id: 21, frameIndex: 1 })]
		expect(answersFor(image, [older, newer, byTeacher, ...elsewhere], { student, teacher, others: [] })).toEqual({ student: newer, teacher: byTeacher })
		expect(answersFor(image, elsewhere, null)).toEqual({ student: null, teacher: null })
	})

	it('prefers the selected model to a newer answer of another one', () => {
		const bySelected = exampleAnalysis({ id: 3 })
		const byOther = exampleAnalysis({ id: 9, prediction: examplePrediction({ model: { ...student, sha256: 'f'.repeat(64) } }) })
		expect(answersFor(image, [byOther, bySelected], { student, teacher: null, others: [] }).student).toBe(bySelected)
		expect(answersFor(image, [byOther, bySelected], { student: null, teacher: null, others: [] }).student).toBe(byOther)
	})
})

describe('where several students read, each another kind of image', () => {
	const tissue = { student: { ...student, id: 'tissue', sha256: 'c'.repeat(64) }, teacher: { ...teacher, id: 'tissue-teacher', sha256: 'd'.repeat(64) } }
	const status = { student, teacher, others: [tissue] }
	const byTissue = exampleAnalysis({ id: 3, prediction: examplePrediction({ model: tissue.student }) })
	const byGone = exampleAnalysis({ id: 9, prediction: examplePrediction({ model: { ...student, sha256: 'f'.repeat(64) } }) })

	it('takes the answer of whichever of them answered, beside its own teacher', () => {
		expect(answersFor(image, [byGone, byTissue, byTeacher], status).student).toBe(byTissue)
		expect(readerOf(byTissue, status)).toBe(tissue)
		expect(readerOf(byGone, status)).toBeNull()
		const byItsTeacher = exampleAnalysis({ id: 4, role: 'teacher', prediction: examplePrediction({ model: tissue.teacher }) })
		expect(answersFor(image, [byTissue, byItsTeacher, byTeacher], status).teacher).toBe(byItsTeacher)
	})

	it('asks no other student once one has answered, and that one\'s teacher', () => {
		expect(isUnanswered({ student: byTissue, teacher: null }, { ...status, others: [{ ...tissue, teacher: null }] })).toBe(false)
		expect(isUnanswered({ student: byTissue, teacher: byTeacher }, status)).toBe(true)
	})

	it('is asked again where another student may be asked about it, of whichever kind', () => {
		expect(new Set([status, { ...status, others: [] }, { ...status, others: [{ ...tissue, student: { ...student, sha256: 'e'.repeat(64) } }] }].map((now) => runKey(image, now))).size).toBe(3)
		expect(runKey(image, { ...status, teacher: null })).toBe(runKey(image, status))
	})
})

describe('isUnanswered', () => {
	it('asks once for each selected model, and never for a refused image again', () => {
		const answered = { student: exampleAnalysis(), teacher: null }
		expect(isUnanswered({ student: null, teacher: null }, { student, teacher: null, others: [] })).toBe(true)
		expect(isUnanswered({ student: null, teacher: null }, { student: null, teacher: null, others: [] })).toBe(false)
		expect(isUnanswered(answered, { student, teacher: null, others: [] })).toBe(false)
		expect(isUnanswered(answered, { student, teacher, others: [] })).toBe(true)
		expect(isUnanswered({ ...answered, teacher: byTeacher }, { student, teacher, others: [] })).toBe(false)
		expect(isUnanswered(answered, { student: { ...student, sha256: 'f'.repeat(64) }, teacher: null, others: [] })).toBe(true)
		const refused = exampleAnalysis({ prediction: examplePrediction({ gate: { ok: false, reasons: ['Too small.'], checks: [] }, labels: [] }) })
		expect(isUnanswered({ student: refused, teacher: null }, { student, teacher, others: [] })).toBe(false)
	})
})

describe('labelRows', () => {
	it('keeps the order of the model and puts the teacher beside the labels that both know', () => {
		const second = examplePrediction({ labels: examplePrediction().labels.filter((label) => label.name !== 'normal').map((label) => ({ ...label, probability: 0.61 })) })
		const rows = labelRows(examplePrediction(), second)
		expect(rows.map((row) => [row.name, row.positive, row.teacher])).toEqual([['covid19', true, 0.61], ['normal', false, null], ['pneumonia', true, 0.61]])
		expect(rows[0]?.description).toBe('COVID-19: calibrated probability 0.83, operating point 0.44, called positive, no call below 0.50, teacher 0.61.')
	})

	it('shows no dot of a teacher that refused the image', () => {
		const refused = examplePrediction({ gate: { ok: false, reasons: ['No.'], checks: [] } })
		expect(labelRows(examplePrediction(), refused).every((row) => row.teacher === null)).toBe(true)
	})

	it('has no row, and so no number, where the gate refused', () => {
		expect(labelRows(examplePrediction({ labels: [] }), null)).toEqual([])
	})

	it('writes two decimals always', () => {
		expect([0, 1, 0.5, 0.004, 0.996].map(fractionText)).toEqual(['0.00', '1.00', '0.50', '0.00', '1.00'])
	})
})

describe('statementOf', () => {
	it('says in one sentence what the network says', () => {
		expect(statementOf(examplePrediction())).toEqual({ kind: 'called', text: 'Called: COVID-19, Pneumonia.' })
		expect(statementOf(examplePrediction({ labels: examplePrediction().labels.map((label) => ({ ...label, positive: false })) })).kind).toBe('nothing')
		expect(statementOf(examplePrediction({ gate: { ok: false, reasons: ['The film is constant.'], checks: [] }, labels: [] })).text).toBe('Not analysed. The film is constant.')
	})

	it('says so where a finding and "normal" are both called', () => {
		const labels = examplePrediction().labels.map((label) => (label.name === 'normal' ? { ...label, positive: true } : label))
		expect(statementOf(examplePrediction({ labels })).text).toBe('Called: COVID-19, Pneumonia. Normal is above its operating point as well: the answer contradicts itself.')
	})

	it('states an abstention instead of a call', () => {
		const labels = examplePrediction().labels.map((label) => ({ ...label, positive: false, probability: label.probability / 2 }))
		expect(statementOf(examplePrediction({ abstained: true, labels }))).toEqual({
			kind: 'abstained',
			text: 'No call: the largest probability, 0.41, is below 0.50, where this network abstains.',
		})
	})
})

describe('labels of the map', () => {
	it('begins with the strongest finding that is called', () => {
		expect(firstMapLabel(examplePrediction())).toBe('covid19')
		const withNormal = examplePrediction({ labels: examplePrediction().labels.map((label) => (label.name === 'normal' ? { ...label, positive: true, probability: 0.99 } : label)) })
		expect(firstMapLabel(withNormal)).toBe('covid19')
		expect(firstMapLabel(examplePrediction({ labels: [] }))).toBeNull()
	})

	it('goes round among the called labels only, also from one that was asked for', () => {
		expect(nextMapLabel(examplePrediction(), null)).toBe('covid19')
		expect(nextMapLabel(examplePrediction(), 'covid19')).toBe('pneumonia')
		expect(nextMapLabel(examplePrediction(), 'pneumonia')).toBe('covid19')
		expect(nextMapLabel(examplePrediction(), 'normal')).toBe('covid19')
		expect(nextMapLabel(examplePrediction({ labels: [] }), 'normal')).toBeNull()
	})
})

describe('runAnalysis', () => {
	const status = { student, teacher: null, others: [] }
	const key = runKey(image, status)

	it('runs once at a time and hands the answer on', async () => {
		forgetRuns()
		const placed: number[] = []
		const answers: ((value: ReturnType<typeof exampleAnalysis>) => void)[] = []
		const call = (() => new Promise((resolve) => answers.push(resolve))) as never
		const first = runAnalysis({ call }, image, status, false, (analysis) => placed.push(analysis.id))
		await runAnalysis({ call }, image, status, false, (analysis) => placed.push(analysis.id))
		expect(answers).toHaveLength(1)
		expect(useRuns.getState().runs[key]?.phase).toBe('running')
		answers[0]?.(exampleAnalysis())
		await first
		expect(placed).toEqual([11])
		expect(useRuns.getState().runs[key]?.phase).toBe('done')
	})

	it('keeps the reason of a failure, and can be tried again', async () => {
		forgetRuns()
		const fault = Object.assign(new Error('The analysis program stopped.'), { detail: 'SIGKILL' })
		await runAnalysis({ call: (() => Promise.reject(fault)) as never }, image, status, false, () => {})
		expect(useRuns.getState().runs[key]).toEqual({ phase: 'failed', reason: 'The analysis program stopped.', detail: 'SIGKILL' })
		await runAnalysis({ call: (() => Promise.resolve(exampleAnalysis())) as never }, image, status, false, () => {})
		expect(useRuns.getState().runs[key]?.phase).toBe('done')
	})
})
