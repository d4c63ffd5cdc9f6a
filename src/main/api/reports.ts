import type { Handlers } from '../../common/contract/procedures.ts'
import { addFinding, getFinding, listFindings, removeFinding, updateFinding } from '../library/findings.ts'
import { allReports, beginAddendum, getDraft, reportsOfStudy, saveDraft } from '../library/reports.ts'
import type { Workrooms } from '../workrooms.ts'

export function reportHandlers({ library, reports, events }: Workrooms) {
	const changed = (studyId: number) => events.emit('library.changed', { studyId })
	return {
		'findings.list': ({ studyId }) => listFindings(library, studyId),
		'findings.add': ({ studyId, text }) => {
			const finding = addFinding(library, studyId, text)
			changed(studyId)
			return finding
		},
		'findings.update': ({ findingId, ...change }) => {
			const finding = updateFinding(library, findingId, change)
			changed(finding.studyId)
			return finding
		},
		'findings.remove': ({ findingId }) => {
			const { studyId } = getFinding(library, findingId)
			removeFinding(library, findingId)
			changed(studyId)
			return {}
		},
		'reports.draft': ({ studyId }) => getDraft(library, studyId),
		'reports.saveDraft': ({ studyId, text }) => saveDraft(library, studyId, text),
		'reports.sign': async ({ studyId, signedBy }) => {
			const report = await reports.sign(studyId, signedBy)
			changed(studyId)
			return report
		},
		'reports.beginAddendum': ({ studyId }) => {
			const draft = beginAddendum(library, studyId)
			changed(studyId)
			return draft
		},
		'reports.ofStudy': ({ studyId }) => reportsOfStudy(library, studyId),
		'reports.all': () => allReports(library),
	} satisfies Partial<Handlers>
}
