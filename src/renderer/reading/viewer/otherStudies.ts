import { create } from 'zustand'
import type { Study } from '../../../common/contract/study.ts'
import { client } from '../../app/client.ts'
import { showError } from '../../app/notices.ts'

/** Other studies of the same patient, fetched when somebody looks for a film to compare with. */
interface OtherStudies {
	patientId: number | null
	studies: Study[]
}

export const useOtherStudies = create<OtherStudies>(() => ({ patientId: null, studies: [] }))

/** More than this many earlier studies are not offered at once. */
const OFFERED = 20

/** Fetches the other studies of this one's patient, once per patient. */
export function fetchOtherStudies(study: Study): void {
	if (useOtherStudies.getState().patientId === study.patient.id) return
	useOtherStudies.setState({ patientId: study.patient.id, studies: [] })
	void fetchAll(study)
}

async function fetchAll(study: Study): Promise<void> {
	try {
		const studies = await Promise.all(study.others.slice(0, OFFERED).map((other) => client.call('studies.get', { studyId: other.studyId })))
		if (useOtherStudies.getState().patientId === study.patient.id) useOtherStudies.setState({ studies: [study, ...studies] })
	} catch (error) {
		useOtherStudies.setState({ patientId: null, studies: [] })
		showError(error)
	}
}

/** The fetched study that an image belongs to; undefined where it belongs to none of them. */
export function otherStudyOf(instanceId: number): Study | undefined {
	return useOtherStudies.getState().studies.find((study) => study.series.some((series) => series.instances.some((instance) => instance.id === instanceId)))
}
