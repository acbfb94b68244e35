package data_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/fieldexp/fieldexp/data"
)

const chats = `chat,worker,opened,seconds,rating
1,W07,2024-01-23 09:00:12,310.5,5
2,W12,2024-01-23 09:02:40,95,
3,W07,2024-01-24 10:11:00,0,1
4,W30,2024-01-24 10:12:30,121.25,2
`

func Example() {
	ctx := context.Background()
	frame, err := data.ReadCSVFrom(ctx, strings.NewReader(chats), "chats.csv", data.ReadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	if err := frame.Indicator("dissatisfied", "rating", data.LessEqual, 2); err != nil {
		log.Fatal(err)
	}
	zeros, err := frame.Log("ln_seconds", "seconds", data.LogMissing)
	if err != nil {
		log.Fatal(err)
	}
	s, err := frame.Summary("dissatisfied")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d chats, %d rated, share dissatisfied %.2f, %d of no duration\n", frame.Len(), s.N, s.Mean, zeros)
	// Output: 4 chats, 3 rated, share dissatisfied 0.67, 1 of no duration
}

func ExampleReadCSVFrom_errors() {
	opt := data.ReadOptions{Types: map[string]data.Kind{"rating": data.Float}}
	_, err := data.ReadCSVFrom(context.Background(), strings.NewReader("chat,rating\n1,5\n2,n/a\n"), "chats.csv", opt)
	fmt.Println(err)
	// Output: data: chats.csv, line 3, column "rating": "n/a" is not a number (1 of 2 cells); read it as missing by MissingValues = "n/a", or read the column as text by Types["rating"] = "text"
}

func ExampleScanCSVFrom() {
	perWorker := make(map[string]int)
	err := data.ScanCSVFrom(context.Background(), strings.NewReader(chats), "chats.csv", data.ReadOptions{Columns: []string{"worker"}},
		func(chunk *data.Frame) error {
			codes, workers, err := chunk.Codes("worker")
			for _, code := range codes {
				perWorker[workers[code]]++
			}
			return err
		})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(perWorker)
	// Output: map[W07:2 W12:1 W30:1]
}

func ExampleFrame_LeftJoin() {
	ctx := context.Background()
	events, err := data.ReadCSVFrom(ctx, strings.NewReader(chats), "chats.csv", data.ReadOptions{Columns: []string{"chat", "worker"}})
	if err != nil {
		log.Fatal(err)
	}
	agents, err := data.ReadCSVFrom(ctx, strings.NewReader("worker,arm\nW07,treated\nW12,control\n"), "agents.csv", data.ReadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	joined, unmatched, err := events.LeftJoin(agents, "worker")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(unmatched, "without an agent")
	if err := joined.WriteCSV(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 1 without an agent
	// chat,worker,arm
	// 1,W07,treated
	// 2,W12,control
	// 3,W07,treated
	// 4,W30,
}

func ExampleParseDerivation() {
	for _, text := range []string{"dissatisfied = rating <= 2", "pace = messages / minutes", "x = rating ^ 2"} {
		d, err := data.ParseDerivation(text)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(d.Name, "from", d.Columns)
	}
	// Output:
	// dissatisfied from [rating]
	// pace from [messages minutes]
	// data: derivation "x = rating ^ 2", character 12: there must be one of - + * / == != < <= > >= here
}

func ExampleFrame_Group() {
	frame := &data.Frame{}
	if err := frame.SetFloats("hour", []float64{10, 9, 10, 23}); err != nil {
		log.Fatal(err)
	}
	hours, err := frame.Group("hour")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(hours.Codes, hours.Labels)
	// Output: [1 0 1 2] [9 10 23]
}
