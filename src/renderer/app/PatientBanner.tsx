import { TriangleAlert, UserRound } from 'lucide-react'
import { RESEARCH_USE } from '../../common/contract/primitives.ts'
import { lateralityInWords } from '../reading/studyOnTheLightBox.ts'
import { useReading } from '../reading/readingStore.ts'
import { ageInWords, named, sexInWords } from '../ui/words.ts'
import { useNavigation } from './navigation.ts'
import { useSettings } from './settings.ts'

/** Who is on the light box, and the line that is never hidden. */
export function PatientBanner() {
	const readerName = useSettings((state) => state.settings.readerName)
	return (
		<header className="banner">
			<Patient />
			<span className="banner-space" />
			<span className="banner-use" data-testid="research-use">
				<TriangleAlert aria-hidden />
				{RESEARCH_USE}
			</span>
			<span className="banner-reader" title={readerName === '' ? 'Set your name in the settings; it signs reports.' : `Reader: ${readerName}`}>
				<UserRound aria-hidden />
				<bdi className="cut">{readerName === '' ? 'No reader name' : readerName}</bdi>
			</span>
		</header>
	)
}

function Patient() {
	const room = useNavigation((state) => state.room)
	const study = useReading((state) => state.study)
	const shown = useReading((state) => state.lightBoxes[state.active])
	const openStudy = useNavigation((state) => state.openStudy)
	if (!study) return <span className="banner-product">Negatoscope</span>

	const series = study.series.find((candidate) => candidate.instances.some((instance) => instance.id === shown?.instanceId)) ?? study.series[0]
	const { patient } = study
	const identity: [string, string][] = [['ID', patient.patientId], ['Study', study.date]]
	// In other rooms only enough to know whose film waits on the light box.
	const facts: [string, string][] = room !== 'reading' ? identity : [
		['ID', patient.patientId],
		['Sex', sexInWords(patient.sex)],
		['Age', ageInWords(study.age)],
		['Born', patient.birthDate],
		['Study', study.date],
		['Modality', series?.modality ?? ''],
		['Side', lateralityInWords(series?.laterality ?? '')],
	]
	return (
		<section className="banner-patient" aria-label="Patient">
			{room !== 'reading' && (
				<button className="quiet banner-return" onClick={() => openStudy(study.id)}>On the light box</button>
			)}
			<bdi className="banner-name cut" title={named(patient.name)}>{named(patient.name)}</bdi>
			<dl>
				{facts.filter(([, value]) => value !== '').map(([term, value]) => (
					<div key={term} title={`${term}: ${value}`}>
						<dt>{term}</dt>
						<dd className="cut numbers"><bdi>{value}</bdi></dd>
					</div>
				))}
			</dl>
		</section>
	)
}
