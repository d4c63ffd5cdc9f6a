import { Ban, Copy, Pencil } from 'lucide-react'
import { memo } from 'react'
import type { DataSetSurvey, RegisteredDataSet } from '../../../../common/contract/training/dataSets.ts'
import { folderName } from '../../../ui/words.ts'
import { TileGrid } from '../../tiles/TileGrid.tsx'
import { LEAK_WORDS, SPLIT_TITLES } from '../dataSetWords.ts'
import { SamplePicture } from '../SamplePicture.tsx'
import { correct, targets } from './correcting.ts'
import { correctionOf, labelsByData, labelText, type SampleRow } from './corrections.ts'
import { samples } from './samplesStore.ts'

/** Pictures of the samples; Delete leaves out. */
export function SampleGrid({ dataSet, survey, busy }: { dataSet: RegisteredDataSet; survey: DataSetSurvey; busy: boolean }) {
	return (
		<TileGrid
			list={samples} busy={busy} version={dataSet.surveyedAt} isLeftOut={isLeftOut} onDelete={() => void correct(targets(), { kind: 'leave-out' })}
			nameOf={(sample) => {
				const name = nameOf(sample, survey)
				return { name, title: `${sample.id}\n${name}` }
			}}
		>
			{(sample) => <Content dataSetId={dataSet.id} survey={survey} sample={sample} />}
		</TileGrid>
	)
}

function isLeftOut({ correction }: SampleRow): boolean {
	return correction?.labels === null
}

const Content = memo(function Content({ dataSetId, survey, sample }: { dataSetId: number; survey: DataSetSurvey; sample: SampleRow | undefined }) {
	const correction = sample ? correctionOf(sample, survey) : null
	return (
		<>
			{sample ? <SamplePicture dataSetId={dataSetId} image={sample.id} alt="" /> : <span className="sample-picture" />}
			{sample && sample.leaks.length > 0 && <span className="sample-leak"><Copy aria-hidden />Leak</span>}
			<span className="cut sample-label">
				{sample && correction ? <><span className="sample-corrected">{isLeftOut(sample) ? <Ban aria-hidden /> : <Pencil aria-hidden />}</span><bdi>{correction.after}</bdi> <s><bdi>{correction.before}</bdi></s></> : sample && <bdi>{labelText(labelsByData(sample, survey), sample.truth)}</bdi>}
			</span>
			<span className="cut muted sample-file"><bdi>{sample && folderName(sample.id)}</bdi></span>
		</>
	)
})

/** What is told of a tile to those who do not see it, and to the pointer. */
function nameOf(sample: SampleRow, survey: DataSetSurvey): string {
	const correction = correctionOf(sample, survey)
	const label = correction ? `${correction.after} by hand, ${correction.before} by the data` : labelText(labelsByData(sample, survey), sample.truth)
	return [folderName(sample.id), label, SPLIT_TITLES[sample.split], ...sample.leaks.map((leak) => LEAK_WORDS[leak])].join(', ')
}
