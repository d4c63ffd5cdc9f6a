import { describe, expect, it } from 'vitest'
import type { LearningCase } from '../../../../src/common/contract/learning.ts'
import { caseInWords, isCorrected, keyOfSet, leftOutInWords, networkSaid, progressInWords, readersSay, reviewOfSet, setTitle, sizeOfSet, truthTitle } from '../../../../src/renderer/admin/learning/learningWords.ts'

type Label = LearningCase['labels'][number]
const label = (title: string, called: boolean, truth: Label['truth'], finding = true): Label => ({ name: title.toLowerCase(), title, finding, called, truth, probability: 0.5 })
const accepted = { labels: [label('COVID-19', true, 1), label('Pneumonia', false, null), label('Normal', false, 0, false)] }
const rejected = { labels: [label('COVID-19', true, 0), label('Pneumonia', true, null), label('Normal', false, null, false)] }
const clean = { labels: [label('COVID-19', true, 0), label('Pneumonia', false, 0), label('Normal', false, 1, false)] }
const another = { labels: [label('COVID-19', false, 0), label('Pneumonia', false, 0), label('Normal', true, 0, false)] }

describe('an image', () => {
	it('is said what its readers found, or denied, of the labels', () => {
		expect([accepted, rejected, clean, another].map(readersSay)).toEqual(['COVID-19', 'Not COVID-19', 'Normal', 'None of the labels'])
		expect(readersSay({ labels: [label('Mass', true, 1), label('Nodule', true, 1)] })).toBe('Mass, Nodule')
	})
	it('is said what the network called', () => {
		expect([accepted, rejected, another, { labels: [label('Mass', false, 0)] }].map(networkSaid)).toEqual(['COVID-19', 'COVID-19, Pneumonia', 'Normal', 'No label called'])
	})
	it('is corrected where a finding was decided otherwise than it was called, and nowhere else', () => {
		expect(clean.labels.map(isCorrected)).toEqual([true, false, false])
		expect(accepted.labels.map(isCorrected)).toEqual([false, false, false])
		expect(isCorrected(label('Mass', false, 1))).toBe(true)
	})
	it('is told as a whole to those who do not see it', () => {
		const one = { ...clean, patientName: 'Doe^Jane', studyDate: '2026-01-05', outcome: 'corrected' as const, leftOut: true }
		expect(caseInWords(one)).toBe('Doe, Jane, 2026-01-05, Normal by the readers, COVID-19 by the network, Corrected, Left out')
		expect(caseInWords({ ...one, ...accepted, patientName: '', studyDate: '', outcome: 'accepted', leftOut: false })).toBe('No name, COVID-19 by the readers, COVID-19 by the network, Accepted')
	})
	it('is left out and put back in whole sentences', () => {
		expect([leftOutInWords(1, true), leftOutInWords(1000, true), leftOutInWords(1, false), leftOutInWords(2, false)]).toEqual(['1 image left out: a data set will not have it.', '1,000 images left out: a data set will not have them.', '1 image put back.', '2 images put back.'])
	})
})

describe('a set', () => {
	it('is the same whatever the order of its labels', () => {
		expect(keyOfSet({ labels: ['b', 'a'] })).toBe(keyOfSet({ labels: ['a', 'b'] }))
		expect(keyOfSet({ labels: ['a', 'b'] })).not.toBe(keyOfSet({ labels: ['a,b'] }))
		expect(JSON.parse(keyOfSet({ labels: ['b', 'a'] }))).toEqual(['a', 'b'])
	})
	it('is named after its labels and counted', () => {
		const counts = [{ title: 'COVID-19' }, { title: 'Normal' }] as Parameters<typeof setTitle>[0]['counts']
		expect(setTitle({ counts })).toBe('COVID-19, Normal')
		expect([sizeOfSet({ images: 1, patients: 1 }), sizeOfSet({ images: 2400, patients: 12 })]).toEqual(['1 image of 1 patient', '2,400 images of 12 patients'])
		expect([reviewOfSet({ corrected: 3, leftOut: 1 }), reviewOfSet({ corrected: 0, leftOut: 1 }), reviewOfSet({ corrected: 0, leftOut: 0 })]).toEqual(['3 corrected, 1 left out', '1 left out', ''])
		expect([truthTitle(1), truthTitle(0), truthTitle(null)]).toEqual(['Present', 'Absent', 'Not known'])
		expect(progressInWords({ done: 3, of: 22 })).toBe('3 of 22 images written')
	})
})
