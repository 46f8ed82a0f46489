using System.CommandLine;
using Shouldly;
using Tenet.Commands;
using Xunit;

namespace Tenet.Tests.Commands;

public sealed class TenetCommandsTests
{
    [Fact]
    public void No_command_has_two_options_of_one_name()
    {
        var commands = All(TenetCommands.Root(), []).ToList();

        commands.Count.ShouldBeGreaterThan(30);
        commands
            .SelectMany(command =>
                command
                    .Options.SelectMany(option => option.Aliases.Append(option.Name))
                    .GroupBy(name => name)
                    .Where(same => same.Count() > 1)
                    .Select(same => $"{command.Path}: {same.Key}")
            )
            .ShouldBeEmpty();
    }

    private static IEnumerable<(string Path, IReadOnlyList<Option> Options)> All(Command command, IReadOnlyList<Option> inherited)
    {
        IReadOnlyList<Option> options = [.. inherited.Union(command.Options)];
        yield return (command.Name, options);
        foreach (var below in command.Subcommands.SelectMany(child => All(child, [.. options.Where(option => option.Recursive)])))
        {
            yield return ($"{command.Name} {below.Path}", below.Options);
        }
    }
}
