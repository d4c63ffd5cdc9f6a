import type { FileFacts } from '../../../common/contract/hosts.ts'
import type { DataSet } from './dataSet.ts'
import { tags } from './tags.ts'
import { characterSetsOf, numberValue, textValue } from './values.ts'

export type DescribedFacts = Pick<FileFacts, 'patient' | 'study' | 'series' | 'sopInstanceUid' | 'sopClassUid' | 'instanceNumber'>

/** A value that is longer than any real one would only bloat the library. */
function bounded(text: string): string {
	return text.slice(0, 256)
}

/** UIDs are digits and dots (PS3.5 section 9); anything else is as good as none. */
function uid(dataSet: DataSet, tag: number): string {
	const text = textValue(dataSet, tag)
	return /^[0-9.]{1,64}$/.test(text) ? text : ''
}

function wholeNumber(dataSet: DataSet, tag: number): number | null {
	const value = numberValue(dataSet, tag)
	return value !== undefined && Number.isSafeInteger(value) ? value : null
}

/** Whom and what a DICOM file is about, text decoded by its character sets, '' where it says nothing. */
export function describedFacts(dataSet: DataSet): DescribedFacts {
	const characterSets = characterSetsOf(dataSet)
	const text = (tag: number): string => bounded(textValue(dataSet, tag, characterSets))
	return {
		patient: { name: text(tags.patientName), patientId: text(tags.patientId), sex: text(tags.patientSex), birthDate: text(tags.patientBirthDate) },
		study: {
			instanceUid: uid(dataSet, tags.studyInstanceUid),
			date: text(tags.studyDate),
			time: text(tags.studyTime),
			age: text(tags.patientAge),
			description: text(tags.studyDescription),
			accessionNumber: text(tags.accessionNumber),
			referringPhysician: text(tags.referringPhysician),
		},
		series: {
			instanceUid: uid(dataSet, tags.seriesInstanceUid),
			modality: text(tags.modality),
			description: text(tags.seriesDescription),
			bodyPart: text(tags.bodyPartExamined),
			laterality: text(tags.imageLaterality) || text(tags.laterality),
			viewPosition: text(tags.viewPosition),
			number: wholeNumber(dataSet, tags.seriesNumber),
		},
		sopInstanceUid: uid(dataSet, tags.sopInstanceUid),
		sopClassUid: uid(dataSet, tags.sopClassUid),
		instanceNumber: wholeNumber(dataSet, tags.instanceNumber),
	}
}

/** Facts of an image file without a header of that kind. */
export function noDescribedFacts(): DescribedFacts {
	return {
		patient: { name: '', patientId: '', sex: '', birthDate: '' },
		study: { instanceUid: '', date: '', time: '', age: '', description: '', accessionNumber: '', referringPhysician: '' },
		series: { instanceUid: '', modality: '', description: '', bodyPart: '', laterality: '', viewPosition: '', number: null },
		sopInstanceUid: '', sopClassUid: '', instanceNumber: null,
	}
}
