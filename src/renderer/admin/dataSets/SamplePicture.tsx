import { routes } from '../../../common/contract/procedures.ts'
import { TilePicture } from '../tiles/TilePicture.tsx'

/** The picture of a sample, as the last survey saw it; a few words where there is none. */
export function SamplePicture({ dataSetId, image, alt, onBroken }: { dataSetId: number; image: string; alt: string; onBroken?(): void }) {
	return <TilePicture source={routes.samplePicture(dataSetId, image)} alt={alt} {...(onBroken ? { onBroken } : {})} />
}
