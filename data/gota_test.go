package data

import (
	"errors"
	"math"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

func TestFromGota(t *testing.T) {
	f, err := FromGota(dataframe.New(
		series.New([]float64{1.5, math.NaN()}, series.Float, "x"),
		series.New([]string{"3", "NaN"}, series.Int, "n"),
		series.New([]bool{true, false}, series.Bool, "b"),
		series.New([]string{"007", ""}, series.String, "s"),
	))
	if err != nil {
		t.Fatal(err)
	}
	want := "x (number): 1.5| |\nn (number): 3| |\nb (number): 1| 0|\ns (text): 007| |\n"
	if got := show(f); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if _, err := FromGota(dataframe.DataFrame{}); err == nil {
		t.Error("a data frame without columns is accepted")
	}
	broken := dataframe.New(series.New([]int{1}, series.Int, "x"), series.New([]int{2, 3}, series.Int, "y"))
	if broken.Err == nil {
		t.Fatal("gota accepts columns of unequal length")
	}
	if _, err := FromGota(broken); !errors.Is(err, broken.Err) {
		t.Errorf("error = %v, want the data frame's own", err)
	}
}

func TestToGota(t *testing.T) {
	f := frame(t, "x,s,t\n1.5,007x,2024-01-23\nNA,NA,NA\n2,b,2024-01-23 10:00:00\n")
	df := f.ToGota()
	if df.Err != nil {
		t.Fatal(df.Err)
	}
	if got := df.Col("t").Records()[0]; got != "2024-01-23 00:00:00" {
		t.Errorf("a time becomes %q", got)
	}
	g, err := FromGota(df)
	if err != nil {
		t.Fatal(err)
	}
	want := "x (number): 1.5| | 2|\ns (text): 007x| | b|\nt (text): 2024-01-23 00:00:00| | 2024-01-23 10:00:00|\n"
	if got := show(g); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
