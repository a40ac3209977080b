% Subunits of a run, in MATLAB:  read_reveal('RUN')
%
% reveal.h5 (version 3) holds a group /cell_<i> a cell, with its excitatory subunits, and in it a group 'suppressive'
% with those that suppress. HDF5 stores arrays row by row and MATLAB column by column, so the axes come out turned:
% spatial is [width, height, subunit], temporal is [lag, subunit], channel_weight is [channel, subunit].
function read_reveal(run)
    file = fullfile(run, 'reveal.h5');
    version = h5readatt(file, '/', 'version');
    if version ~= 3, error('reveal.h5 is of version %d, expected 3: reveal the run again', version); end
    info = h5info(file);
    for c = 1:numel(info.Groups)
        found = info.Groups(c);
        fprintf('%s\n', found.Name(2:end));
        if has(found.Datasets, 'spatial'), show(file, found, 'excitatory'); end
        for g = 1:numel(found.Groups)  % suppressive, where there are some
            show(file, found.Groups(g), 'suppressive');
        end
    end
end

function show(file, group, kind)
    spatial = h5read(file, [group.Name '/spatial']);
    temporal = h5read(file, [group.Name '/temporal']);
    weight = h5read(file, [group.Name '/weight']);
    confidence = h5read(file, [group.Name '/confidence']);  % NaN where it was not asked for
    both = h5read(file, [group.Name '/both_polarities']);
    channels = [];  % only of colour stimuli
    if has(group.Datasets, 'channel_weight')
        channels = h5read(file, [group.Name '/channel_weight']);
    end
    fprintf('  %d %s subunits on %d x %d pixels\n', numel(weight), kind, size(spatial, 2), size(spatial, 1));
    for i = 1:numel(weight)
        [~, at] = max(reshape(spatial(:, :, i), [], 1));
        [x, y] = ind2sub([size(spatial, 1), size(spatial, 2)], at);
        [~, lag] = max(abs(temporal(:, i)));
        if both(i), polarity = 'both'; elseif temporal(lag, i) > 0, polarity = 'ON'; else, polarity = 'OFF'; end
        fprintf('    %d: weight %.2f, %s, peak at pixel (%d, %d), lag %d', i - 1, weight(i), polarity, ...
                x - 1, y - 1, lag - 1);
        if ~isnan(confidence(i)), fprintf(', confidence %.2f', confidence(i)); end
        if ~isempty(channels), fprintf([', channels' repmat(' %.2f', 1, size(channels, 1))], channels(:, i)); end
        fprintf('\n');
    end
end

function yes = has(datasets, name)
    yes = ~isempty(datasets) && any(strcmp({datasets.Name}, name));
end
