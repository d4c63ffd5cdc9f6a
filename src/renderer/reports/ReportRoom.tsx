import './reports.css'
import '../ui/searchField.css'
import { ExternalLink, FileBraces, FileText, Search, Sheet } from 'lucide-react'
import { useState } from 'react'
import { routes } from '../../common/contract/procedures.ts'
import { client } from '../app/client.ts'
import { useNavigation } from '../app/navigation.ts'
import { useAnswer } from '../app/useAnswer.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { VirtualGrid, type Column } from '../ui/VirtualGrid.tsx'
import { count, localTime, named, number } from '../ui/words.ts'
import { matchReports, sortReports, type ReportRow, type ReportSort } from './reportList.ts'

const COLUMNS: Column<ReportRow>[] = [
	{ key: 'patientName', title: 'Patient', width: 'minmax(130px, 2fr)', sortable: true, cell: (row) => <bdi className="report-name">{named(row.patientName)}</bdi>, hint: (row) => named(row.patientName) },
	{ key: 'patientId', title: 'ID', width: 'minmax(80px, 1fr)', sortable: true, cell: (row) => <bdi>{row.patientId}</bdi>, hint: (row) => row.patientId },
	{ key: 'studyDate', title: 'Study', width: '100px', sortable: true, cell: (row) => row.studyDate },
	{ key: 'description', title: 'Description', width: 'minmax(100px, 1.6fr)', cell: (row) => <bdi>{row.description}</bdi>, hint: (row) => row.description },
	{ key: 'version', title: 'Version', width: '128px', cell: (row) => `${row.version}, ${row.kind}` },
	{ key: 'signedBy', title: 'Signed by', width: 'minmax(100px, 1.2fr)', sortable: true, cell: (row) => <bdi>{row.signedBy}</bdi>, hint: (row) => row.signedBy },
	{ key: 'signedAt', title: 'Signed', width: '136px', sortable: true, cell: (row) => localTime(row.signedAt) },
]

const askReports = () => client.call('reports.all', {})

/** Every signed report, with its PDF, JSON and CSV. */
export function ReportRoom() {
	const { value: reports, fault, reload } = useAnswer(askReports, 'library.changed')
	const [text, setText] = useState('')
	const [sort, setSort] = useState<ReportSort>({ key: 'signedAt', descending: true })
	const [chosen, setChosen] = useState<number | null>(null)

	const rows = reports ? sortReports(matchReports(reports, text), sort) : []
	const active = rows.findIndex((row) => row.id === chosen)
	const report = rows[active]
	const open = (index: number) => {
		const row = rows[index]
		if (row) window.open(routes.report(row.id, 'pdf'), '_blank', 'noopener')
	}

	if (fault !== '') {
		return (
			<main className="reports" aria-label="Reports room">
				<EmptyState title="The reports could not be loaded." text={fault}>
					<button className="primary" onClick={reload}>Try again</button>
				</EmptyState>
			</main>
		)
	}
	return (
		<main className="reports" aria-label="Reports room">
			<div className="reports-left">
				<div className="reports-tools" role="search">
					<span className="search-field">
						<Search aria-hidden />
						<input type="text" aria-label="Search reports" placeholder="Name, ID, description, reader" dir="auto" autoComplete="off" spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} />
					</span>
					<p className="muted numbers" role="status" aria-label="Reports shown">
						{reports && (text.trim() === '' ? count(reports.length, 'signed report') : `${number(rows.length)} of ${count(reports.length, 'signed report')}`)}
					</p>
				</div>
				<div className="reports-list">
					<VirtualGrid
						label="Reports"
						columns={COLUMNS}
						count={rows.length}
						rowAt={(index) => rows[index]}
						active={active}
						onActive={(index) => setChosen(rows[index]?.id ?? null)}
						onOpen={open}
						sort={sort}
						onSort={(key) => setSort((before) => ({ key: key as ReportSort['key'], descending: before.key === key ? !before.descending : key === 'signedAt' || key === 'studyDate' }))}
						empty={reports && (
							reports.length === 0
								? <EmptyState title="No signed reports yet." text="Open a study, decide on its findings in the Report tab and sign. The signed version then stands here for good." />
								: <EmptyState title="No report matches." text="Change the search to see more."><button onClick={() => setText('')}>Clear search</button></EmptyState>
						)}
					/>
				</div>
			</div>
			{report && <ReportView report={report} />}
		</main>
	)
}

function ReportView({ report }: { report: ReportRow }) {
	const openStudy = useNavigation((state) => state.openStudy)
	const pdf = routes.report(report.id, 'pdf')
	return (
		<section className="reports-view" aria-label="Report">
			<header>
				<div className="reports-view-title">
					<h2 className="cut" title={named(report.patientName)}><bdi>{named(report.patientName)}</bdi></h2>
					<p className="muted">
						{report.kind === 'report' ? 'Report' : 'Addendum'}, version {report.version}, signed by <bdi>{report.signedBy}</bdi> on {localTime(report.signedAt)}
					</p>
					<p className="muted numbers" title={report.pdfSha256}>PDF SHA-256 {report.pdfSha256.slice(0, 12)}</p>
				</div>
				<div className="reports-view-links">
					<a className="button" href={pdf} target="_blank" rel="noopener noreferrer"><ExternalLink aria-hidden size={16} />Open PDF</a>
					<a className="button" href={routes.report(report.id, 'json')} download><FileBraces aria-hidden size={16} />JSON</a>
					<a className="button" href={routes.report(report.id, 'csv')} download><Sheet aria-hidden size={16} />CSV</a>
					<button onClick={() => openStudy(report.studyId)}><FileText aria-hidden />Open the study</button>
				</div>
			</header>
			{navigator.pdfViewerEnabled
				? <iframe key={report.id} title="Report PDF" src={pdf} />
				: <EmptyState title="This window cannot show PDF files." text="Open the PDF in its own window or save it from there." />}
		</section>
	)
}
