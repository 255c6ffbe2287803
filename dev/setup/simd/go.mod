module gonka-ha.invalid/lab/simd

go 1.23

require (
	github.com/cometbft/cometbft v0.38.21
	github.com/cosmos/cosmos-sdk v0.50.14
	github.com/cosmos/ibc-go/v8 v8.8.0
)

replace github.com/syndtr/goleveldb => github.com/syndtr/goleveldb v1.0.1-0.20210819022825-2ae1ddf74ef7
