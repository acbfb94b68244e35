package report

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/draw"
	"io"

	"gonum.org/v1/plot/vg/vgimg"
)

// pngCanvas is an image that is written as a PNG file.
type pngCanvas struct{ *vgimg.Canvas }

// WriteTo writes the file.
func (c pngCanvas) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	if err := writePNG(&b, c.Image()); err != nil {
		return 0, err
	}
	return b.WriteTo(w)
}

// writePNG writes an image without transparency. Areas of one colour, which figures consist of, are
// compressed best as they are, and quickly; package image/png tries five filters on every row first, which
// takes five times as long and makes files no smaller.
func writePNG(b *bytes.Buffer, m image.Image) error {
	width, height := m.Bounds().Dx(), m.Bounds().Dy()
	b.WriteString("\x89PNG\r\n\x1a\n")
	header := binary.BigEndian.AppendUint32(nil, uint32(width))
	header = binary.BigEndian.AppendUint32(header, uint32(height))
	const eightBits, redGreenBlue = 8, 2
	writeChunk(b, "IHDR", append(header, eightBits, redGreenBlue, 0, 0, 0))

	var pixels bytes.Buffer
	z, err := zlib.NewWriterLevel(&pixels, zlib.BestSpeed)
	if err != nil {
		return err
	}
	row := image.NewRGBA(image.Rect(0, 0, width, 1))
	line := make([]byte, 1+3*width) // begins with the filter: none
	for y := range height {
		draw.Draw(row, row.Rect, m, m.Bounds().Min.Add(image.Pt(0, y)), draw.Src)
		for x := range width {
			line[3*x+1], line[3*x+2], line[3*x+3] = row.Pix[4*x], row.Pix[4*x+1], row.Pix[4*x+2]
		}
		if _, err := z.Write(line); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	writeChunk(b, "IDAT", pixels.Bytes())
	writeChunk(b, "IEND", nil)
	return nil
}

// writeChunk writes a part of a PNG file: length, kind, content and a checksum of the last two.
func writeChunk(b *bytes.Buffer, kind string, content []byte) {
	b.Write(binary.BigEndian.AppendUint32(nil, uint32(len(content))))
	from := b.Len()
	b.WriteString(kind)
	b.Write(content)
	b.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(b.Bytes()[from:])))
}
