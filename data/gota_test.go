package data

import (
	"errors"
	"math"
	"testing"

	"github.com/go-gota/gota/series"
)

// gotaColumns stands for a gota DataFrame, whose package is not among our dependencies.
type gotaColumns []series.Series

func (g gotaColumns) Names() []string {
	var names []string
	for _, s := range g {
		names = append(names, s.Name)
	}
	return names
}

func (g gotaColumns) Nrow() int { return g[0].Len() }

func (g gotaColumns) Col(name string) series.Series {
	for _, s := range g {
		if s.Name == name {
			return s
		}
	}
	return series.Series{Err: errors.New("unknown column name")}
}

func TestFromGota(t *testing.T) {
	f, err := FromGota(gotaColumns{
		series.New([]float64{1.5, math.NaN()}, series.Float, "x"),
		series.New([]string{"3", "NaN"}, series.Int, "n"),
		series.New([]bool{true, false}, series.Bool, "b"),
		series.New([]string{"007", ""}, series.String, "s"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "x (number): 1.5| |\nn (number): 3| |\nb (number): 1| 0|\ns (text): 007| |\n"
	if got := show(f); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if _, err := FromGota(gotaColumns{}); err == nil {
		t.Error("a data frame without columns is accepted")
	}
	_, err = FromGota(gotaColumns{series.New([]int{1}, series.Int, "x"), series.New([]int{2}, series.Int, "x")})
	wantError(t, err, `data: column "x" is twice in the gota data frame; rename one of the two`)
	broken := series.New([]int{1}, series.Int, "x")
	broken.Err = errors.New("broken")
	_, err = FromGota(gotaColumns{broken})
	wantError(t, err, `data: column "x" is not readable in gota: broken`)
}

func TestToGota(t *testing.T) {
	f := frame(t, "x,s,t\n1.5,007x,2024-01-23\nNA,NA,NA\n2,b,2024-01-23 10:00:00\n")
	columns := f.ToGota()
	if got := columns[2].Records()[0]; got != "2024-01-23 00:00:00" {
		t.Errorf("a time becomes %q", got)
	}
	g, err := FromGota(gotaColumns(columns))
	if err != nil {
		t.Fatal(err)
	}
	want := "x (number): 1.5| | 2|\ns (text): 007x| | b|\nt (text): 2024-01-23 00:00:00| | 2024-01-23 10:00:00|\n"
	if got := show(g); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
