using System.Diagnostics;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Tenet.Tests.Guards;

public sealed partial class BannedApiTests
{
    private static readonly string[] BuildFiles =
    [
        "Directory.Build.props",
        "Directory.Build.targets",
        "Directory.Packages.props",
        "BannedSymbols.txt",
        ".editorconfig",
        "global.json",
    ];

    /// <summary>Builds a module that uses each banned symbol once, by the repository's own build files: each use must break the build.</summary>
    [Fact]
    [Trait("Seeded", "a banned API used")]
    public async Task Every_banned_symbol_breaks_the_build_of_a_module()
    {
        var symbols = await File.ReadAllLinesAsync(
            Path.Combine(Repository.Root, "BannedSymbols.txt"),
            TestContext.Current.CancellationToken
        );
        var folder = Directory.CreateTempSubdirectory("tenet-banned-");
        try
        {
            foreach (var file in BuildFiles)
            {
                File.Copy(Path.Combine(Repository.Root, file), Path.Combine(folder.FullName, file));
            }
            var module = folder.CreateSubdirectory("src/Modules/Careless").FullName;
            await File.WriteAllTextAsync(
                Path.Combine(module, "Careless.csproj"),
                """
                <Project Sdk="Microsoft.NET.Sdk">
                  <ItemGroup>
                    <FrameworkReference Include="Microsoft.AspNetCore.App" />
                    <PackageReference Include="Npgsql" />
                    <PackageReference Include="Npgsql.EntityFrameworkCore.PostgreSQL" />
                  </ItemGroup>
                </Project>
                """
            );
            // One use a line, so that the line of an error is the number of a symbol.
            var uses = symbols.Select(
                (symbol, n) => $"internal static class Use{n} {{ public static object? Now() => {Use(symbol.Split(';')[0])}; }}"
            );
            await File.WriteAllLinesAsync(Path.Combine(module, "Careless.cs"), uses);

            var output = await BuildAsync(module);

            var refused = Refusal().Matches(output).Select(match => int.Parse(match.Groups["line"].Value, null) - 1).Distinct().ToList();
            symbols.Where((_, n) => !refused.Contains(n)).ShouldBeEmpty(output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Nobody_switches_the_ban_off() =>
        Repository.Files(".cs", ".razor", ".csproj", ".props", ".targets").SelectMany(Findings).ShouldBeEmpty();

    [Theory]
    [InlineData("src/Modules/Crm/Clock.cs", "#pragma warning disable RS" + "0030")]
    [InlineData("src/Modules/Crm/Tenet.Crm.csproj", "<NoWarn>CS1591</NoWarn>")]
    [InlineData("src/Modules/Crm/Tenet.Crm.csproj", "<TreatWarningsAsErrors>false</TreatWarningsAsErrors>")]
    [InlineData("src/Modules/Crm/Tenet.Crm.csproj", "<RunAnalyzers>false</RunAnalyzers>")]
    [InlineData("src/Modules/Directory.Build.props", "<Project />")]
    [InlineData("src/Modules/.editorconfig", "")]
    [Trait("Seeded", "the ban switched off")]
    public void Switching_it_off_is_found(string path, string text) => Findings(new SourceFile(path, text)).ShouldNotBeEmpty();

    private static IEnumerable<string> Findings(SourceFile file)
    {
        var name = Path.GetFileName(file.Path);
        if (file.Text.Contains("RS" + "0030", StringComparison.Ordinal))
        {
            yield return $"{file.Path} speaks of the ban's rule.";
        }
        if (
            file.Path.StartsWith("src/", StringComparison.Ordinal)
            && (name.StartsWith("Directory.", StringComparison.Ordinal) || name is ".editorconfig")
        )
        {
            yield return $"{file.Path} would change the rules of the folders below.";
        }
        if (name.EndsWith(".csproj", StringComparison.Ordinal) && Loosened().Match(file.Text) is { Success: true } setting)
        {
            yield return $"{file.Path} sets {setting.Groups["name"].Value}.";
        }
    }

    private static string Use(string symbol)
    {
        var (kind, name) = (symbol[0], symbol[2..]);
        if (kind == 'P')
        {
            return name;
        }
        if (kind == 'T')
        {
            return $"typeof({name})";
        }
        var (method, arguments) = name.IndexOf('(', StringComparison.Ordinal) is > 0 and var open
            ? (name[..open], name[(open + 1)..^1])
            : (name, "");
        var values = string.Join(", ", arguments.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(type => $"default({type})!"));
        // The banned methods of text are called on one; the others belong to their types.
        return method.EndsWith(".#ctor", StringComparison.Ordinal) ? $"new {method[..^6]}({values})"
            : method.StartsWith("System.String.", StringComparison.Ordinal) ? $"\"\"{method["System.String".Length..]}({values})"
            : $"{method}({values})";
    }

    private static async Task<string> BuildAsync(string folder)
    {
        var start = new ProcessStartInfo("dotnet", "build -nologo -v q -nodeReuse:false -p:UseSharedCompilation=false")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var build = Process.Start(start)!;
        var output = await build.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await build.WaitForExitAsync(TestContext.Current.CancellationToken);
        build.ExitCode.ShouldNotBe(0);
        return output;
    }

    [GeneratedRegex(@"Careless\.cs\((?<line>\d+),\d+\): error RS[0]030", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Refusal();

    [GeneratedRegex(
        "<(?<name>NoWarn|WarningsNotAsErrors|TreatWarningsAsErrors|RunAnalyzers\\w*|EnableNETAnalyzers|AnalysisLevel|AnalysisMode|Nullable)>",
        RegexOptions.None,
        5000
    )]
    private static partial Regex Loosened();
}
