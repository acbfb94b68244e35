package report

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math/rand/v2"
	"testing"
)

// TestWritePNG: package image/png reads back the pixels of images of any size, contents and origin.
func TestWritePNG(t *testing.T) {
	noise := rand.New(rand.NewPCG(1, 2))
	for _, size := range []image.Rectangle{image.Rect(0, 0, 1, 1), image.Rect(0, 0, 300, 7), image.Rect(-3, 5, 40, 60), image.Rect(0, 0, 640, 480)} {
		random, flat := image.NewRGBA(size), image.NewGray(size)
		for i := range random.Pix {
			random.Pix[i] = byte(noise.Uint32()) | byte(i%4/3*255) // opaque
		}
		draw.Draw(flat, size, image.NewUniform(color.White), image.Point{}, draw.Src)
		for _, want := range []image.Image{random, flat} {
			var b bytes.Buffer
			if err := writePNG(&b, want); err != nil {
				t.Fatal(err)
			}
			got, err := png.Decode(&b)
			if err != nil {
				t.Fatalf("%v: %v", size, err)
			}
			if got.Bounds().Size() != size.Size() {
				t.Fatalf("an image of %v, want %v", got.Bounds(), size)
			}
			differ := 0
			for y := range size.Dy() {
				for x := range size.Dx() {
					if got.At(x, y) != color.RGBAModel.Convert(want.At(size.Min.X+x, size.Min.Y+y)) {
						differ++
					}
				}
			}
			if differ > 0 || b.Len() != 0 {
				t.Errorf("%v %T: %d pixels differ, %d bytes after the image", size, want, differ, b.Len())
			}
		}
	}
}
