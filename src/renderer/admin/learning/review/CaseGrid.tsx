import { Ban, Pencil } from 'lucide-react'
import { memo } from 'react'
import type { LearningCase } from '../../../../common/contract/learning.ts'
import { routes } from '../../../../common/contract/procedures.ts'
import { named } from '../../../ui/words.ts'
import { TileGrid } from '../../tiles/TileGrid.tsx'
import { TilePicture } from '../../tiles/TilePicture.tsx'
import { caseInWords, networkSaid, readersSay } from '../learningWords.ts'
import { cases } from './casesStore.ts'
import { leaveOut } from './leavingOut.ts'

/** Pictures of the images that readers decided on; Delete leaves out. */
export function CaseGrid({ busy }: { busy: boolean }) {
	return (
		<TileGrid
			list={cases} busy={busy} isLeftOut={(one) => one.leftOut} onDelete={() => void leaveOut(cases.targets(), true)}
			nameOf={(one) => {
				const name = caseInWords(one)
				return { name, title: name }
			}}
		>
			{(one) => <Content one={one} />}
		</TileGrid>
	)
}

const Content = memo(function Content({ one }: { one: LearningCase | undefined }) {
	const isCorrected = one?.outcome === 'corrected'
	return (
		<>
			{one ? <TilePicture source={routes.thumbnail(one.instanceId)} alt="" /> : <span className="sample-picture" />}
			{one?.leftOut && <span className="learning-left-out"><Ban aria-hidden />Left out</span>}
			<span className="cut sample-label">
				{isCorrected && <span className="sample-corrected"><Pencil aria-hidden /></span>}{one && <bdi>{readersSay(one)}</bdi>}{one && isCorrected && <> <s><bdi>{networkSaid(one)}</bdi></s></>}
			</span>
			<span className="cut muted sample-file"><bdi>{one && named(one.patientName)}</bdi></span>
		</>
	)
})
