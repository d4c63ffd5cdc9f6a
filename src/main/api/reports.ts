import type { Handlers } from '../../common/contract/procedures.ts'
import type { Workrooms } from '../workrooms.ts'

export function reportHandlers({ library, reports, events }: Workrooms) {
	const changed = (studyId: number) => events.emit('library.changed', { studyId })
	return {
		'findings.list': ({ studyId }) => library.findings(studyId),
		'findings.add': ({ studyId, text }) => {
			const finding = library.addFinding(studyId, text)
			changed(studyId)
			return finding
		},
		'findings.update': ({ findingId, ...change }) => {
			const finding = library.updateFinding(findingId, change)
			changed(finding.studyId)
			return finding
		},
		'findings.remove': ({ findingId }) => {
			changed(library.removeFinding(findingId))
			return {}
		},
		'reports.draft': ({ studyId }) => library.draft(studyId),
		'reports.saveDraft': ({ studyId, text }) => library.saveDraft(studyId, text),
		'reports.sign': async ({ studyId, signedBy }) => {
			const report = await reports.sign(studyId, signedBy)
			changed(studyId)
			return report
		},
		'reports.beginAddendum': ({ studyId }) => {
			const draft = library.beginAddendum(studyId)
			changed(studyId)
			return draft
		},
		'reports.ofStudy': ({ studyId }) => library.reportsOfStudy(studyId),
		'reports.all': () => library.allReports(),
	} satisfies Partial<Handlers>
}
