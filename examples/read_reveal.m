% Subunits of a run, in MATLAB:  read_reveal('RUN')
%
% HDF5 stores arrays row by row and MATLAB column by column, so the axes come out turned:
% spatial is [width, height, subunit], temporal is [lag, subunit].
function read_reveal(run)
    file = fullfile(run, 'reveal.h5');
    info = h5info(file);
    for c = 1:numel(info.Groups)
        group = info.Groups(c).Name;
        spatial = h5read(file, [group '/spatial']);
        temporal = h5read(file, [group '/temporal']);
        weight = h5read(file, [group '/weight']);
        fprintf('%s: %d subunits on %d x %d pixels\n', group(2:end), numel(weight), size(spatial, 2), size(spatial, 1));
        for i = 1:numel(weight)
            [~, at] = max(reshape(spatial(:, :, i), [], 1));
            [x, y] = ind2sub([size(spatial, 1), size(spatial, 2)], at);
            [~, lag] = max(abs(temporal(:, i)));
            if temporal(lag, i) > 0, kind = 'ON'; else, kind = 'OFF'; end
            fprintf('  %d: weight %.2f, %s, peak at pixel (%d, %d), lag %d\n', i - 1, weight(i), kind, x - 1, y - 1, lag - 1);
        end
    end
end
