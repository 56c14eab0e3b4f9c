# Settings from a file; the command line overrides it wherever it stands.
tool 0 train --print-config
mv out standard.json
[ "$(wc -l <standard.json)" -eq 1 ] || fault 'not one line of JSON'
echo '{"d-model": 32, "epochs": 3, "random-offset": false, "ranks": "genus,species"}' >settings.json
tool 0 train --print-config --epochs 5 --config settings.json
has out '"d-model": 32' '"epochs": 5' '"random-offset": false' '"ranks": "genus,species"'
mv out effective.json
tool 0 train --print-config --config settings.json --epochs=5
same out effective.json
tool 0 train --config effective.json --print-config
same out effective.json
tool 0 train --config effective.json --config standard.json --print-config
same out standard.json
tool 1 train --config nowhere.json --print-config
has err 'nowhere.json: cannot open'
echo '{"d-modle": 32}' >wrong.json
tool 3 train --config wrong.json --print-config
one_error train
has err 'wrong.json' "'d-modle'" "did you mean 'd-model'"
echo '{"d-model": 32' >wrong.json
tool 3 train --config wrong.json --print-config
one_error train
echo '{"d-model": true}' >wrong.json
tool 3 train --config wrong.json --print-config
has err 'wrong.json' 'd-model'
echo '{"dropout": 7}' >wrong.json
tool 3 train --config wrong.json --print-config
has err 'wrong.json' 'dropout'
tool 2 train --config settings.json --dropout 7 --print-config
has err '--dropout'
